package validate

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const unit = "../systemd/smtptest-bot.service"

// TestUnit lets systemd read the unit, and rate what it leaves open. Only the
// place of the program is another one.
func TestUnit(t *testing.T) {
	octets, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"slack", "discord", "nats"} {
		alone, err := os.ReadFile(unit + ".d/" + platform + ".conf")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(octets), platform+"-") || strings.Count(string(alone), "[Service]") != 1 {
			t.Error("the unit does not start with one platform alone")
		}
		_, lines, _ := strings.Cut(string(alone), "[Service]\n")
		octets = []byte(strings.Replace(string(octets), "[Install]", lines+"\n[Install]", 1))
	}
	if n := regexp.MustCompile(`GOMEMLIMIT=(\d+)MiB[\s\S]*MemoryMax=(\d+)M`).FindStringSubmatch(string(octets)); n == nil ||
		n[1] != "180" || n[2] != "256" {
		t.Errorf("the limits of memory are %q", n)
	}
	held(t, "smtptest-bot", octets)
}

// TestAgentUnit: the agent's is as closed as the bot's.
func TestAgentUnit(t *testing.T) {
	octets := readFile(t, "../systemd/smtptest-agent.service")
	if n := regexp.MustCompile(`GOMEMLIMIT=(\d+)MiB[\s\S]*MemoryMax=(\d+)M`).FindStringSubmatch(string(octets)); n == nil ||
		n[1] != "90" || n[2] != "128" {
		t.Errorf("the limits of memory are %q", n)
	}
	held(t, "smtptest-agent", octets)
}

// held lets systemd read a unit, and rate what it leaves open.
func held(t *testing.T, program string, octets []byte) {
	t.Helper()
	known := variables(t)
	for _, name := range regexp.MustCompile(`\b(?:SLACK|DISCORD|SMTPTEST)_[A-Z_]+=`).FindAllString(string(octets), -1) {
		if !known[strings.TrimSuffix(name, "=")] {
			t.Errorf("there is no variable %s", name)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), program+".service")
	text := strings.ReplaceAll(string(octets), "/usr/local/bin/"+program, self)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// It also reads the machine's own units; only what names ours is of interest.
	out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput()
	if err != nil || strings.Contains(string(out), program+".service") {
		t.Errorf("%v\n%s", err, out)
	}
	const mostExposed = "12" // of 100
	if out, err := exec.Command(analyze, "security", "--no-pager", "--offline=yes", "--threshold="+mostExposed, file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(text, "[Service]\n", "[Service]\nNoSuchThing=1\n", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, _ := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput(); !strings.Contains(string(out), "NoSuchThing") {
		t.Errorf("a typo is let through: %s", out)
	}
}
