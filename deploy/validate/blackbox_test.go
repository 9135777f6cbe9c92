package validate

import (
	"bufio"
	"context"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtptest/bot"
	"smtptest/bot/admin"
	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/guard"
	"smtptest/probe/probetest"
	"smtptest/probe/resolve"
)

var (
	blackbox = flag.String("blackbox", "", "program of Prometheus' blackbox exporter, to compare the cost of a scrape with")
	scrapes  = flag.Int("scrapes", 500, "how many scrapes are compared")
)

// TestCostBesideBlackbox scrapes one server by both exporters: ours, and the
// module smtp_starttls of blackbox_exporter's example configuration.
func TestCostBesideBlackbox(t *testing.T) {
	if *blackbox == "" {
		t.Skip("-blackbox names no program")
	}
	server, roots := sandboxServer(t)
	_, port, _ := net.SplitHostPort(server)
	ours := httptest.NewServer(admin.New(admin.Config{Health: bot.NewHealth("slack"), Probe: &admin.Exporter{
		Prober:  &probe.Local{Policy: guard.Policy{Open: true}, Roots: roots, Resolver: onLoopback{}},
		Targets: []string{"mx.example.test"},
		Limiter: everything{results.NewMemoryLimiter(results.DefaultLimits())},
	}}).Handler())
	defer ours.Close()
	theirs, process := startBlackbox(t)
	for _, e := range []struct {
		name, url string
		cpu       func() time.Duration
	}{
		{"smtptest", ours.URL + "/probe?module=starttls&target=mx.example.test:" + port, ownTime},
		{"blackbox_exporter", theirs + "/probe?module=smtp_starttls&target=" + server, process},
	} {
		scrapeOnce(t, e.url) // the first one warms both up
		began, before := time.Now(), e.cpu()
		for range *scrapes {
			scrapeOnce(t, e.url)
		}
		t.Logf("%-18s %.2f ms of the clock, %.2f ms of the processor a scrape", e.name,
			time.Since(began).Seconds()*1000/float64(*scrapes), (e.cpu()-before).Seconds()*1000/float64(*scrapes))
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d KiB of heap, %d goroutines, %d descriptors after %d scrapes", m.HeapAlloc>>10, runtime.NumGoroutine(), descriptors(t), *scrapes)
}

// sandboxServer starts a healthy server in a process of its own, so that its cost
// is nobody's, and returns its address and the root that it trusts.
func sandboxServer(t *testing.T) (address string, roots *x509.CertPool) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestServe$")
	c.Env = append(os.Environ(), "SMTPTEST_SERVE=1")
	leave, _ := c.StdinPipe()
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = leave.Close(); _ = c.Wait() })
	text := bufio.NewReader(out)
	address, _ = text.ReadString('\n')
	root, _ := text.ReadString('\x00')
	roots = x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(root)) {
		t.Fatalf("the server said %q and %q", address, root)
	}
	return strings.TrimSpace(address), roots
}

// TestServe is that process.
func TestServe(t *testing.T) {
	if os.Getenv("SMTPTEST_SERVE") == "" {
		t.Skip("it is a server for TestCostBesideBlackbox")
	}
	cases, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	good := slices.IndexFunc(cases, func(c *probetest.Case) bool { return c.Name == "good" })
	s, err := probetest.NewSandbox(cases[good : good+1])
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fmt.Printf("%s\n%s\x00", s.Address("good"), s.RootPEM())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// onLoopback knows one address for every name.
type onLoopback struct{}

// Addresses implements probe.Resolver.
func (onLoopback) Addresses(context.Context, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// Why implements probe.Resolver.
func (onLoopback) Why(context.Context, string) resolve.Explanation { return resolve.Explanation{} }

type everything struct{ results.Limiter }

// Take implements results.Limiter.
func (everything) Take(...results.Claim) (results.Receipt, *results.Refusal) { return nil, nil }

func scrapeOnce(t *testing.T, url string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), "\nprobe_success 1") {
		t.Fatalf("%v, %d\n%s", err, r.StatusCode, body)
	}
}

func ownTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// startBlackbox starts the program; the second result is its processor time.
func startBlackbox(t *testing.T) (url string, cpu func() time.Duration) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "blackbox.yml")
	const modules = `modules:
  smtp_starttls:
    prober: tcp
    timeout: 5s
    tcp:
      query_response:
        - expect: "^220 "
        - send: "EHLO prober\r"
        - expect: "^250-STARTTLS"
        - send: "STARTTLS\r"
        - expect: "^220"
        - starttls: true
        - send: "EHLO prober\r"
        - expect: "^250-"
        - send: "QUIT\r"
      tls_config: {insecure_skip_verify: true}
`
	if err := os.WriteFile(file, []byte(modules), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	c := exec.Command(*blackbox, "--config.file="+file, "--web.listen-address="+address, "--log.level=error")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for range 100 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return "http://" + address, func() time.Duration { return timeOf(t, c.Process.Pid) }
}

// timeOf is the processor time of a process, in ticks of 10 ms (proc(5)).
func timeOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+2:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
