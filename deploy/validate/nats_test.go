package validate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"smtptest/probe/probetest"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
)

// fleet is what kustomize makes of a folder, read as Kubernetes reads it.
type fleet struct {
	servers    appsv1.StatefulSet
	service    corev1.Service
	disruption policyv1.PodDisruptionBudget
	config     corev1.ConfigMap
	agent      appsv1.Deployment
	policy     networkingv1.NetworkPolicy
}

func readFleet(t *testing.T, folder string) *fleet {
	t.Helper()
	all, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{}
	kinds := map[string]any{
		"StatefulSet": &f.servers, "Service": &f.service, "PodDisruptionBudget": &f.disruption, "ConfigMap": &f.config,
		"Deployment": &f.agent, "NetworkPolicy": &f.policy,
	}
	for _, r := range all.Resources() {
		into := kinds[r.GetKind()]
		if into == nil {
			t.Fatalf("kind %s is not looked at", r.GetKind())
		}
		if err := yaml.UnmarshalStrict([]byte(r.MustYaml()), into); err != nil {
			t.Errorf("%s: %v", r.GetKind(), err)
		}
	}
	return f
}

// closed are the ways in which each pod of ours is closed.
func closed(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	c := pod.Containers[0]
	s := c.SecurityContext
	for what, holds := range map[string]bool{
		"one container":   len(pod.Containers) == 1 && len(pod.InitContainers) == 0,
		"not root":        *pod.SecurityContext.RunAsNonRoot && *pod.SecurityContext.RunAsUser == 65532,
		"seccomp":         pod.SecurityContext.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
		"no escalation":   !*s.AllowPrivilegeEscalation && s.Privileged == nil,
		"read-only root":  *s.ReadOnlyRootFilesystem,
		"no capabilities": slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) && len(s.Capabilities.Add) == 0,
		"no token":        !*pod.AutomountServiceAccountToken,
		"limit of memory": !c.Resources.Limits.Memory().IsZero(),
		"nothing shared":  !pod.HostNetwork && !pod.HostPID && !pod.HostIPC,
	} {
		if !holds {
			t.Errorf("%s does not hold", what)
		}
	}
}

// TestServers: three, one away at most, that keep each other's port for themselves.
func TestServers(t *testing.T) {
	f := readFleet(t, "../nats")
	pod := f.servers.Spec.Template.Spec
	closed(t, pod)
	var ports []int
	for _, rule := range f.policy.Spec.Ingress {
		for _, p := range rule.Ports {
			if len(rule.From) == 0 {
				ports = append(ports, p.Port.IntValue())
			}
		}
	}
	if *f.servers.Spec.Replicas != 3 || f.disruption.Spec.MaxUnavailable.IntValue() != 1 ||
		f.servers.Spec.ServiceName != f.service.Name || !slices.Equal(ports, []int{4222, 8443}) ||
		f.servers.Spec.Template.Labels["app.kubernetes.io/name"] != f.service.Spec.Selector["app.kubernetes.io/name"] {
		t.Errorf("%+v, open ports %v", f.servers.Spec, ports)
	}
	for _, name := range []string{"nats.conf", "cluster.conf"} {
		if f.config.Data[name] == "" {
			t.Errorf("the configuration has no %s", name)
		}
	}
	image := "image: nats:" + broker.TestedServer + "\n"
	if text := string(readFile(t, "../nats/compose.yaml")); !strings.Contains(text, image) || pod.Containers[0].Image != strings.TrimSpace(image[len("image: "):]) {
		t.Error("the image is not the version that was tested")
	}
}

// TestAgent: the manifests, the unit and the compose file name variables that exist,
// and nothing comes in.
func TestAgent(t *testing.T) {
	f := readFleet(t, "../kubernetes/agent")
	pod := f.agent.Spec.Template.Spec
	closed(t, pod)
	known := variables(t)
	for _, e := range pod.Containers[0].Env {
		if !known[e.Name] && e.Name != "GOMEMLIMIT" {
			t.Errorf("there is no variable %s", e.Name)
		}
	}
	if p := f.policy.Spec; len(p.Ingress) > 0 || len(p.PolicyTypes) != 2 || len(p.Egress) != 2 ||
		p.PodSelector.MatchLabels["app.kubernetes.io/name"] != "smtptest-agent" {
		t.Errorf("%+v", p)
	}
	var ports []int
	for _, p := range f.policy.Spec.Egress[1].Ports {
		ports = append(ports, p.Port.IntValue())
	}
	if !slices.Equal(ports, []int{25, 465, 587, 2525, 443, 4222}) {
		t.Errorf("ports %v", ports)
	}
	for _, b := range f.policy.Spec.Egress[1].To {
		if len(b.IPBlock.Except) < 10 {
			t.Errorf("%s is let out to whole", b.IPBlock.CIDR)
		}
	}
	for _, file := range []string{"../nats/compose.yaml", "../systemd/smtptest-agent.service"} {
		for _, name := range regexp.MustCompile(`\bSMTPTEST_[A-Z_]+\b`).FindAllString(string(readFile(t, file)), -1) {
			if !known[name] {
				t.Errorf("%s: there is no variable %s", file, name)
			}
		}
	}
}

// TestCompose: the file is of the form that compose reads, for what is in it.
func TestCompose(t *testing.T) {
	type service struct {
		Image           string            `json:"image"`
		Command         []string          `json:"command"`
		Environment     map[string]string `json:"environment"`
		User            string            `json:"user"`
		ReadOnly        bool              `json:"read_only"`
		CapDrop         []string          `json:"cap_drop"`
		SecurityOpt     []string          `json:"security_opt"`
		StopSignal      string            `json:"stop_signal"`
		StopGracePeriod string            `json:"stop_grace_period"`
		Restart         string            `json:"restart"`
		MemLimit        string            `json:"mem_limit"`
		Ports           []string          `json:"ports"`
		Volumes         []string          `json:"volumes"`
		Tmpfs           []string          `json:"tmpfs"`
		Healthcheck     struct {
			Test              []string `json:"test"`
			Interval, Timeout string
		} `json:"healthcheck"`
	}
	var file struct {
		Services map[string]service `json:"services"`
	}
	if err := yaml.UnmarshalStrict(readFile(t, "../nats/compose.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	for name, s := range file.Services {
		if s.User != "65532:65532" || !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.SecurityOpt) != 1 || s.MemLimit == "" {
			t.Errorf("%s is open: %+v", name, s)
		}
		for _, v := range s.Volumes {
			if !strings.HasSuffix(v, ":ro") {
				t.Errorf("%s may write to %s", name, v)
			}
		}
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	octets, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// TestNATSConfiguration lets the server read both files, and starts one: it speaks
// TLS 1.3 and no older one, over TCP and WebSocket, with listed keys alone.
func TestNATSConfiguration(t *testing.T) {
	server := fleettest.Program(t)
	dir := t.TempDir()
	roots := certificates(t, dir)
	nkey, err := broker.Seed(dir, "bot")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"permissions.conf": broker.Permissions(broker.User{Nkey: nkey}, nil)}
	host := "127.219.4.7" // an address of its own, so that the ports of the file are free
	for _, name := range []string{"nats.conf", "cluster.conf"} {
		text := string(readFile(t, "../nats/"+name))
		for from, to := range map[string]string{"/etc/nats-certs": dir, "/data": dir + "/data", "0.0.0.0": host, "nats-0.nats": host} {
			text = strings.ReplaceAll(text, from, to)
		}
		files[name] = text
	}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command(server, args...)
		cmd.Env = []string{"NATS_NAME=nats-0"}
		return cmd
	}
	for _, name := range []string{"nats.conf", "cluster.conf"} {
		if out, err := run("-t", "-c", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	log := &strings.Builder{}
	cmd := run("-c", filepath.Join(dir, "nats.conf"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log)
		}
	})
	for _, url := range []string{"tls://" + host + ":4222", "wss://" + host + ":8443"} {
		if err := reach(t.Context(), url, filepath.Join(dir, "bot.nkey"), roots); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	// WebSocket begins with TLS, so that an old client can be tried there.
	conn, err := tls.Dial("tcp", host+":8443", &tls.Config{RootCAs: roots, ServerName: host, MaxVersion: tls.VersionTLS12})
	if err == nil {
		conn.Close()
		t.Error("TLS 1.2 is spoken")
	}
	if _, err := broker.Seed(dir, "stranger"); err != nil {
		t.Fatal(err)
	}
	if err := reach(t.Context(), "tls://"+host+":4222", filepath.Join(dir, "stranger.nkey"), roots); err == nil {
		t.Error("a stranger is let in")
	}
}

func reach(ctx context.Context, url, nkey string, roots *x509.CertPool) error {
	up, down := make(chan struct{}, 1), make(chan error, 10)
	conn, err := broker.Connect(broker.Connection{
		Name: "test", URLs: []string{url}, Nkey: nkey, Roots: roots, Inbox: broker.BotInbox,
		Up: func() { up <- struct{}{} }, Down: func(err error) { down <- err }, Denied: func() {},
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	select {
	case <-up:
		return broker.CheckServer(conn.ConnectedServerVersion())
	case <-ctx.Done():
		if err := conn.LastError(); err != nil {
			return err
		}
		return ctx.Err()
	}
}

// certificates writes those of a server, and gives the root that clients trust.
func certificates(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	c, err := ca.Certificate("names=127.219.4.7,nats-0.nats", "127.219.4.7")
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var chain []byte
	for _, der := range c.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	for name, octets := range map[string][]byte{
		"tls.crt": chain, "ca.crt": chain, "tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), octets, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ca.Roots()
}
