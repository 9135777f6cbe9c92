package validate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// manifests are what kustomize makes of deploy/kubernetes, by kind, each read
// as Kubernetes reads it, and nothing left over.
type manifests struct {
	namespace  corev1.Namespace
	account    corev1.ServiceAccount
	deployment appsv1.Deployment
	policy     networkingv1.NetworkPolicy
	secret     corev1.Secret
}

func (m *manifests) by(kind string) any {
	return map[string]any{"Namespace": &m.namespace, "ServiceAccount": &m.account, "Deployment": &m.deployment, "NetworkPolicy": &m.policy}[kind]
}

func read(t *testing.T) *manifests {
	t.Helper()
	all, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "../kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	m := &manifests{}
	for _, r := range all.Resources() {
		into := m.by(r.GetKind())
		if into == nil {
			t.Fatalf("kind %s is not looked at", r.GetKind())
		}
		if err := yaml.UnmarshalStrict([]byte(r.MustYaml()), into); err != nil {
			t.Errorf("%s: %v", r.GetKind(), err)
		}
	}
	octets, err := os.ReadFile("../kubernetes/secret.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(octets, &m.secret); err != nil {
		t.Error(err)
	}
	return m
}

func TestKubernetesRefusesTypos(t *testing.T) {
	if err := yaml.UnmarshalStrict([]byte("apiVersion: apps/v1\nkind: Deployment\nspec: {replica: 1}\n"), &appsv1.Deployment{}); err == nil {
		t.Error("a typo is let through")
	}
}

// TestPodIsClosed: no root, nothing to write to, no rights, no token.
func TestPodIsClosed(t *testing.T) {
	m := read(t)
	pod := m.deployment.Spec.Template.Spec
	if len(pod.Containers) != 1 || len(pod.InitContainers) > 0 || pod.HostNetwork || pod.HostPID || pod.HostIPC {
		t.Fatalf("%+v", pod)
	}
	c := pod.Containers[0]
	s := c.SecurityContext
	for what, holds := range map[string]bool{
		"not root":            *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser == 65532,
		"seccomp":             pod.SecurityContext.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
		"no escalation":       !*s.AllowPrivilegeEscalation && s.Privileged == nil,
		"read-only root":      *s.ReadOnlyRootFilesystem,
		"no capabilities":     slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) && len(s.Capabilities.Add) == 0,
		"no token":            !*pod.AutomountServiceAccountToken && !*m.account.AutomountServiceAccountToken,
		"own account":         pod.ServiceAccountName == m.account.Name,
		"limit of memory":     !c.Resources.Limits.Memory().IsZero(),
		"restricted":          m.namespace.Labels["pod-security.kubernetes.io/enforce"] == "restricted",
		"one at a time":       *m.deployment.Spec.Replicas == 1 && m.deployment.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType,
		"selector":            len(m.deployment.Spec.Selector.MatchLabels) > 0,
		"selector and labels": m.deployment.Spec.Template.Labels["app.kubernetes.io/name"] == m.deployment.Spec.Selector.MatchLabels["app.kubernetes.io/name"],
		"policy for the pod":  m.policy.Spec.PodSelector.MatchLabels["app.kubernetes.io/name"] == "smtptest-bot" && m.policy.Namespace == m.deployment.Namespace,
	} {
		if !holds {
			t.Errorf("%s does not hold", what)
		}
	}
}

// TestPodFitsTheProgram: what the manifests name is what the program has.
func TestPodFitsTheProgram(t *testing.T) {
	m := read(t)
	pod := m.deployment.Spec.Template.Spec
	c := pod.Containers[0]
	known := variables(t)
	set := map[string]string{}
	for _, e := range c.Env {
		set[e.Name] = e.Value
		if !known[e.Name] && e.Name != "GOMEMLIMIT" {
			t.Errorf("there is no variable %s", e.Name)
		}
		if key, ok := strings.CutPrefix(e.Value, c.VolumeMounts[0].MountPath+"/"); ok && m.secret.StringData[key] == "" {
			t.Errorf("the secret has no %s", key)
		}
	}
	if m.secret.Name != pod.Volumes[0].Secret.SecretName || m.secret.Namespace != m.deployment.Namespace {
		t.Error("the secret has another name")
	}
	for _, p := range []*corev1.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if p.HTTPGet.Port.String() != c.Ports[0].Name || !slices.Contains([]string{"/healthz", "/readyz"}, p.HTTPGet.Path) {
			t.Errorf("%+v", p.HTTPGet)
		}
	}
	if port := c.Ports[0].ContainerPort; set["SMTPTEST_ADMIN_ADDR"] != ":9587" || port != 9587 || m.policy.Spec.Ingress[0].Ports[0].Port.IntValue() != 9587 {
		t.Errorf("the admin port is %d, %s and %v", port, set["SMTPTEST_ADMIN_ADDR"], m.policy.Spec.Ingress)
	}
	if limit := c.Resources.Limits.Memory().String(); set["GOMEMLIMIT"] != "180MiB" || limit != "256Mi" {
		t.Errorf("the limits of memory are %s and %s", set["GOMEMLIMIT"], limit)
	}
	grace, err := time.ParseDuration(set["SMTPTEST_GRACE"])
	if err != nil || int64(grace.Seconds()) >= *pod.TerminationGracePeriodSeconds {
		t.Errorf("%v is not less than %d s", grace, *pod.TerminationGracePeriodSeconds)
	}
}

// TestPolicyLetsOutWhatIsNeeded: DNS, mail, https, and not one port more.
func TestPolicyLetsOutWhatIsNeeded(t *testing.T) {
	p := read(t).policy.Spec
	if len(p.PolicyTypes) != 2 || len(p.Egress) != 3 || len(p.Ingress) != 1 || len(p.Ingress[0].From) == 0 {
		t.Fatalf("%+v", p)
	}
	var ports []int
	for _, e := range p.Egress {
		if len(e.To) == 0 {
			t.Error("a rule lets out to everywhere, private addresses included")
		}
		for _, port := range e.Ports {
			ports = append(ports, port.Port.IntValue())
		}
	}
	if !slices.Equal(ports, []int{53, 53, 25, 465, 587, 2525, 443, 4222}) {
		t.Errorf("ports %v", ports)
	}
	if p.Egress[0].To[1].IPBlock.CIDR != "169.254.20.10/32" {
		t.Error("NodeLocal DNS is not let out")
	}
}

// variables are all names in the README's table, which a test of the program
// holds to its code.
func variables(t *testing.T) map[string]bool {
	t.Helper()
	octets, err := os.ReadFile(filepath.FromSlash("../README.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(octets)) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			all[name] = true
		}
	}
	return all
}
