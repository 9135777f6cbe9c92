package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtptest/bot/bottest"
	fakeslack "smtptest/bot/playground/slack"
)

// built is the bot as the image has it, for what is measured.
func built(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "smtptest-bot")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// child is the bot in a process of its own, before a fake Slack.
type child struct {
	*exec.Cmd
	slack    *fakeslack.Server
	log      *bottest.Buffer
	ready    time.Duration // from its start until systemd heard so
	notified func() string // what systemd heard next
	admin    string        // address of the admin server
}

func launch(t testing.TB, file string, more ...string) *child {
	t.Helper()
	return launchWith(t, fakeslack.Options{}, file, more...)
}

func launchWith(t testing.TB, slack fakeslack.Options, file string, more ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(file), slack: fakeslack.New(slack), log: &bottest.Buffer{}}
	t.Cleanup(c.slack.Close)
	socket := filepath.Join(t.TempDir(), "notify")
	hears, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hears.Close() })
	c.notified = func() string {
		text := make([]byte, 256)
		_ = hears.SetReadDeadline(time.Now().Add(20 * time.Second))
		n, _ := hears.Read(text)
		return string(text[:n])
	}
	c.admin = "http://" + freeAddress(t)
	c.Stderr = c.log
	c.Env = append([]string{
		"SLACK_BOT_TOKEN=" + fakeslack.BotToken, "SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"SLACK_API_URL=" + strings.TrimSuffix(c.slack.URL(), "/api/"), "NOTIFY_SOCKET=" + socket,
		"SMTPTEST_ADMIN_ADDR=" + strings.TrimPrefix(c.admin, "http://"), beProgram + "=1",
	}, more...)
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	if got := c.notified(); !strings.HasPrefix(got, "READY=1\n") {
		t.Fatalf("told %q; log:\n%s", got, c.log)
	}
	c.ready = time.Since(began)
	return c
}

// freeAddress is one on loopback that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// proc reads one file of the child's in /proc.
func (c *child) proc(t testing.TB, name string) string {
	t.Helper()
	octets, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.Process.Pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(octets)
}

// kilobytes is one of the sizes in /proc/PID/status.
func (c *child) kilobytes(t testing.TB, name string) int {
	_, rest, _ := strings.Cut(c.proc(t, "status"), name+":")
	n, err := strconv.Atoi(strings.Fields(rest + " ?")[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *child) get(t testing.TB, path string) (int, string) {
	t.Helper()
	res, err := http.Get(c.admin + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// left waits for the child's end.
func (c *child) left(t testing.TB) (*os.ProcessState, time.Duration) {
	t.Helper()
	began := time.Now()
	timer := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	_ = c.Wait()
	return c.ProcessState, time.Since(began)
}

// TestMemoryIsClosed: the running program cannot dump a core, and its /proc
// belongs to root, which is how the kernel shows that it is not dumpable
// (proc(5), prctl(2)): its user's other processes cannot open its memory.
func TestMemoryIsClosed(t *testing.T) {
	c := launch(t, itself(t))
	if limits := c.proc(t, "limits"); !strings.Contains(strings.Join(strings.Fields(limits), " "),
		"Max core file size 0 0 bytes") {
		t.Error(limits)
	}
	if os.Getuid() != 0 {
		if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", c.Process.Pid)); !os.IsPermission(err) {
			t.Errorf("the environment can be read: %v", err)
		}
		return
	}
	t.Run("dumpable", func(t *testing.T) { neighbour(t, itself(t)) })
}

// neighbour starts the program as an ordinary user and reads it as another
// process of that user.
func neighbour(t *testing.T, file string) {
	const nobody = 65534
	read := func(dir string, command ...string) string {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	fake := fakeslack.New(fakeslack.Options{})
	defer fake.Close()
	open, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	bot := exec.Command("/proc/self/fd/3") // its folder is closed to others
	bot.ExtraFiles = []*os.File{open}
	bot.Dir = "/"
	bot.Env = []string{"SLACK_BOT_TOKEN=" + fakeslack.BotToken, "SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"SLACK_API_URL=" + strings.TrimSuffix(fake.URL(), "/api/"), beProgram + "=1"}
	bot.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := bot.Start(); err != nil {
		t.Skipf("cannot be started as another user: %v", err)
	}
	defer func() { _ = bot.Process.Kill(); _ = bot.Wait() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := fake.Until(ctx, func() bool { return fake.Sockets() > 0 }); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"environ", "mem"} {
		out := read("/", "head", "-c", "1", fmt.Sprintf("/proc/%d/%s", bot.Process.Pid, name))
		if !strings.Contains(out, "Permission denied") {
			t.Errorf("a neighbour of the same user opens %s: %q", name, out)
		}
	}
	if out := read("/", "sh", "-c", "head -c 1 /proc/$$/environ >/dev/null && echo open"); !strings.Contains(out, "open") {
		t.Errorf("the read itself does not work: %q", out)
	}
}

// TestStandingOfTheProcess: ready when Slack is connected, and nothing was
// posted for that.
func TestStandingOfTheProcess(t *testing.T) {
	c := launch(t, itself(t))
	if code, body := c.get(t, "/readyz"); code != 200 || !strings.Contains(body, `"slack":{"status":"connected"`) {
		t.Errorf("%d: %s", code, body)
	}
	if _, body := c.get(t, "/metrics"); !strings.Contains(body, `chat_connected{platform="slack"} 1`) ||
		!strings.Contains(body, "process_resident_memory_bytes") {
		t.Error(body)
	}
	if n := len(c.slack.Messages(fakeslack.InMember)); n > 0 {
		t.Errorf("%d messages were posted at the start", n)
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	if got := c.notified(); !strings.HasPrefix(got, "STOPPING=1\n") {
		t.Errorf("told %q", got)
	}
	if state, _ := c.left(t); state.ExitCode() != exitStopped {
		t.Errorf("%s; log:\n%s", state, c.log)
	}
}

// TestSecondSignal: the first lets a test go on and is told as draining, the
// second ends the program at once.
func TestSecondSignal(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	c := launch(t, itself(t), "SMTPTEST_ALLOW_NETWORKS=127.0.0.0/8", "SMTPTEST_ALLOW_PORTS="+port)
	c.slack.Command(fakeslack.Ada, fakeslack.InMember, "127.0.0.1:"+port)
	if _, err := silent.Accept(); err != nil {
		t.Fatal(err)
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	c.notified()
	if code, body := c.get(t, "/readyz"); code != 503 || !strings.Contains(body, "draining") {
		t.Errorf("%d: %s", code, body)
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	state, after := c.left(t)
	if status, ok := state.Sys().(syscall.WaitStatus); !ok || !status.Signaled() ||
		status.Signal() != syscall.SIGTERM || after > 2*time.Second {
		t.Errorf("%s after %s", state, after)
	}
}

// BenchmarkFootprint prints what the program takes while nobody asks for
// anything: go test ./cmd/smtptest-bot -run '^$' -bench Footprint
func BenchmarkFootprint(b *testing.B) {
	const settled = 2 * time.Second
	file := built(b)
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	var memory, private, ready float64
	for b.Loop() {
		c := launch(b, file)
		time.Sleep(settled)
		memory = max(memory, float64(c.kilobytes(b, "VmRSS"))/1024)
		private = max(private, float64(c.kilobytes(b, "RssAnon"))/1024)
		ready = max(ready, c.ready.Seconds()*1000)
		_ = c.Process.Signal(syscall.SIGTERM)
		c.left(b)
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MiB-binary")
	b.ReportMetric(memory, "MiB-idle")
	b.ReportMetric(private, "MiB-idle-anonymous")
	b.ReportMetric(ready, "ms-to-ready")
	b.ReportMetric(0, "ns/op")
}
