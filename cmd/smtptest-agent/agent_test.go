//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"smtptest/probe"
	"smtptest/probe/probetest"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
	"smtptest/probe/remote/fleettest"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// asAgent makes a process of this test the program itself.
const asAgent = "RUN_AS_AGENT"

func TestMain(m *testing.M) {
	if os.Getenv(asAgent) != "" {
		os.Unsetenv(asAgent)
		main()
	}
	os.Exit(m.Run())
}

// canary is a password that is nowhere else.
const canary = "canary-6b1f-password"

// place is a broker that lets in a bot and the agents at berlin and tokyo.
type place struct {
	*testing.T
	*fleettest.Fleet
	folder string
	key    *remote.PublicKey // of every agent
}

func newPlace(t *testing.T, o fleettest.Options) *place {
	t.Helper()
	fleettest.Program(t)
	p := &place{T: t, folder: t.TempDir()}
	user := func(name string) broker.User {
		nkey, err := broker.Seed(p.folder, name)
		p.must(err)
		return broker.User{Name: name, Nkey: nkey}
	}
	o.Extra = broker.Permissions(user("bot"), []broker.User{user("berlin"), user("tokyo")})
	if o.Args != nil { // somebody who may hear everything, as the broker's own operator
		spy := fmt.Sprintf("    { nkey: %s }\n  ]\n}\n", user("spy").Nkey)
		o.Extra = strings.TrimSuffix(o.Extra, "  ]\n}\n") + spy
	}
	p.Fleet = fleettest.Start(t, o)
	pair, err := makeKey(filepath.Join(p.folder, "key"))
	p.must(err)
	p.key = pair.Public()
	return p
}

func (p *place) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *place) connect(who, inbox string) *nats.Conn {
	p.Helper()
	conn, err := broker.Connect(broker.Connection{
		Name: who, URLs: strings.Split(p.URL(), ","), Clear: true, Nkey: filepath.Join(p.folder, who+".nkey"), Inbox: inbox,
		Up: func() {}, Down: func(error) {}, Denied: func() { p.Errorf("%s is refused something", who) },
	})
	p.must(err)
	p.Cleanup(conn.Close)
	return conn
}

// agent starts the program at a vantage point and waits until it can be asked.
func (p *place) agent(fleet *remote.Fleet, name string, pairs ...string) *exec.Cmd {
	p.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	pairs = append([]string{
		asAgent, "1", "SMTPTEST_VANTAGE", name, "SMTPTEST_NATS_URL", p.URL(),
		"SMTPTEST_NATS_NKEY_FILE", filepath.Join(p.folder, name+".nkey"), "SMTPTEST_KEY_FILE", filepath.Join(p.folder, "key"),
		"SMTPTEST_CONTROL_HOSTS", "off", "SMTPTEST_ALLOW_NETWORKS", "127.0.0.0/8",
	}, pairs...)
	for i := 0; i+1 < len(pairs); i += 2 {
		cmd.Env = append(cmd.Env, pairs[i]+"="+pairs[i+1])
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	p.must(cmd.Start())
	p.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if p.Failed() {
			p.Logf("%s: %s", name, log.String())
		}
	})
	for end := time.Now().Add(20 * time.Second); !connected(fleet, name); fleet.Ask(p.Context()) {
		if time.Now().After(end) {
			p.Fatalf("%s does not connect: %s", name, log.String())
		}
	}
	return cmd
}

func connected(fleet *remote.Fleet, name string) bool {
	for _, a := range fleet.Agents() {
		if a.Vantage == name {
			return a.Connected
		}
	}
	return false
}

func (p *place) fleet() *remote.Fleet {
	return remote.NewFleet(p.connect("bot", broker.BotInbox),
		[]remote.Vantage{{Name: "berlin", Key: p.key}, {Name: "tokyo", Key: p.key}})
}

// silent is a server that accepts and says nothing.
func silent(t *testing.T) netip.AddrPort {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return netip.MustParseAddrPort(l.Addr().String())
}

func to(a netip.AddrPort) probe.Request {
	return probe.Request{Target: probe.Target{Host: a.Addr().String(), Port: a.Port()}, Timeout: 20 * time.Second}
}

// TestKilled: an agent that is killed in mid-run is noticed within four seconds, and
// what had arrived is there; one that is not there is named at once.
func TestKilled(t *testing.T) {
	p := newPlace(t, fleettest.Options{})
	fleet, server := p.fleet(), silent(t)
	began := time.Now()
	_, err := fleet.From("berlin").Probe(t.Context(), to(server), probe.Hooks{})
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != remote.Absent || time.Since(began) > time.Second {
		t.Fatalf("%v after %v", err, time.Since(began))
	}
	cmd := p.agent(fleet, "berlin", "SMTPTEST_ALLOW_PORTS", strconv.Itoa(int(server.Port())))
	var killed time.Time
	r, err := fleet.From("berlin").Probe(t.Context(), to(server), probe.Hooks{Event: func(e probe.Event) {
		if e.Phase == probe.PhaseGreeting {
			killed = time.Now()
			_ = cmd.Process.Kill()
		}
	}})
	e, ok := errors.AsType[*remote.Error](err)
	if !ok || e.Kind != remote.Lost || e.Phase != probe.PhaseGreeting || e.Address != server || e.LastSeen.IsZero() ||
		time.Since(killed) > 4500*time.Millisecond {
		t.Errorf("%+v after %v", e, time.Since(killed))
	}
	if len(r.Sessions) != 1 || len(r.Sessions[0].Steps) != 2 || r.Sessions[0].Steps[0].Outcome != probe.Passed {
		t.Errorf("what had arrived: %+v", r.Sessions)
	}
	_, err = fleet.From("berlin").Probe(t.Context(), to(server), probe.Hooks{})
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != remote.Absent || e.LastSeen.IsZero() {
		t.Errorf("afterwards: %+v", err)
	}
}

// TestOwnGuard: the agent's operator says what may be dialled, and the bot does not.
func TestOwnGuard(t *testing.T) {
	p := newPlace(t, fleettest.Options{})
	fleet, server := p.fleet(), silent(t)
	p.agent(fleet, "berlin")
	r, err := fleet.From("berlin").Probe(t.Context(), to(server), probe.Hooks{})
	if err != nil || r.Lookup.Failure == nil || r.Lookup.Failure.Kind != probe.KindDenied || len(r.Sessions) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	with := to(server)
	with.Enforced = true
	_, err = fleet.From("berlin").Probe(t.Context(), with, probe.Hooks{})
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != remote.Unable || e.Says == "" {
		t.Errorf("%+v", err)
	}
}

// TestBusyAndStopping: an agent runs as much as it may and says so; at SIGTERM it
// takes nothing more and finishes what runs.
func TestBusyAndStopping(t *testing.T) {
	p := newPlace(t, fleettest.Options{})
	fleet, server := p.fleet(), silent(t)
	cmd := p.agent(fleet, "berlin", "SMTPTEST_LIMIT_AT_ONCE", "1", "SMTPTEST_GRACE", "0s",
		"SMTPTEST_ALLOW_PORTS", strconv.Itoa(int(server.Port())))
	waits, done := make(chan struct{}), make(chan error, 1)
	go func() {
		r, err := fleet.From("berlin").Probe(t.Context(), to(server), probe.Hooks{Event: func(e probe.Event) {
			if e.Phase == probe.PhaseGreeting {
				close(waits)
			}
		}})
		if err == nil && (r.Main() == nil || r.Main().Failure == nil || r.Main().Failure.Kind != probe.KindCanceled) {
			err = fmt.Errorf("the run ended otherwise: %+v", r.Main())
		}
		done <- err
	}()
	<-waits
	_, err := fleet.From("berlin").Probe(t.Context(), to(server), probe.Hooks{})
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != remote.Busy {
		t.Errorf("%+v", err)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestCanary: a login goes through the broker to the server, and the broker's
// memory, trace and files and whoever hears everything there see none of it.
func TestCanary(t *testing.T) {
	p := newPlace(t, fleettest.Options{Args: []string{"-DV"}})
	heard := make(chan string, 1)
	port, roots := p.mailServer(heard)
	spy := p.connect("spy", "_INBOX_spy")
	everything := &bytes.Buffer{}
	sub, err := spy.SubscribeSync(">")
	p.must(err)
	p.must(spy.Flush())
	fleet := p.fleet()
	p.agent(fleet, "berlin", "SMTPTEST_ALLOW_PORTS", strconv.Itoa(port), "SMTPTEST_CA_FILE", roots)
	req := to(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port)))
	req.Security = probe.SecurityImplicit
	req.Login = &probe.Login{Mechanism: "PLAIN", Credential: sasl.Credential{User: "ada", Password: secret.New(canary)}}
	r, err := fleet.From("berlin").Probe(t.Context(), req, probe.Hooks{})
	if err != nil || r.Main() == nil || r.Main().Auth == nil || !r.Main().Auth.Accepted {
		t.Fatalf("%+v, %v", r.Main(), err)
	}
	if plain := <-heard; !strings.Contains(plain, canary) {
		t.Errorf("the server heard %q", plain)
	}
	for {
		m, err := sub.NextMsg(200 * time.Millisecond)
		if err != nil {
			break
		}
		fmt.Fprintf(everything, "%s %v %s\n", m.Subject, m.Header, m.Data)
	}
	if !strings.Contains(everything.String(), remote.RunSubject("berlin")) {
		t.Error("the spy hears nothing")
	}
	for name, octets := range map[string][]byte{
		"a spy on all subjects": everything.Bytes(), "the trace": p.read(p.Nodes[0].Log()),
		"memory":             memory(t, p.Nodes[0].PID()),
		"the agent's report": fmt.Appendf(nil, "%+v", r), "files": p.files(),
	} {
		for _, form := range forms() {
			if bytes.Contains(octets, []byte(form)) {
				t.Errorf("%s hold the login as %q", name, form)
			}
		}
	}
	if !bytes.Contains(memory(t, p.Nodes[0].PID()), []byte("smtptest.v1.probe.berlin.run")) {
		t.Error("the dump of memory holds nothing at all")
	}
}

// forms are those in which a login could be seen: plain, in PLAIN's response, and
// in base64 at each of three offsets.
func forms() []string {
	all := []string{canary, fmt.Sprintf("%x", canary)}
	for i := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", i) + canary))
		all = append(all, text[(i*8+5)/6+1:len(text)-4])
	}
	return all
}

func (p *place) read(file string) []byte {
	octets, err := os.ReadFile(file)
	p.must(err)
	return octets
}

// files are all that the broker has on disk.
func (p *place) files() (all []byte) {
	p.must(filepath.WalkDir(p.Nodes[0].Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all = append(all, p.read(path)...)
		}
		return err
	}))
	return all
}

// memory is what a process has written to, and can be read.
func memory(t *testing.T, pid int) (all []byte) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Skip(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Skip(err)
	}
	defer mem.Close()
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var rights string
		n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights)
		if n < 3 || !strings.HasPrefix(rights, "rw") || to-from > 1<<28 {
			continue
		}
		part := make([]byte, to-from)
		read, _ := mem.ReadAt(part, from)
		all = append(all, part[:read]...)
	}
	return all
}

// mailServer takes one login over implicit TLS and says what it heard.
func (p *place) mailServer(heard chan<- string) (port int, roots string) {
	ca, err := probetest.NewCA()
	p.must(err)
	certificate, err := ca.Certificate("chain=root", "127.0.0.1")
	p.must(err)
	root := certificate.Certificate[len(certificate.Certificate)-1]
	roots = filepath.Join(p.folder, "roots.pem")
	p.must(os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600))
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{*certificate}})
	p.must(err)
	p.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "220 mx ESMTP\r\n")
		answers := map[string]string{"EHLO": "250-mx\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 ok", "QUIT": "221 bye"}
		lines := make([]byte, 4096)
		for {
			n, err := conn.Read(lines)
			if err != nil {
				return
			}
			verb, rest, _ := strings.Cut(strings.TrimSpace(string(lines[:n])), " ")
			if _, response, ok := strings.Cut(rest, " "); ok && verb == "AUTH" {
				plain, _ := base64.StdEncoding.DecodeString(response)
				heard <- string(plain)
			}
			fmt.Fprint(conn, answers[verb]+"\r\n")
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, roots
}

// TestPermitted: -check finds an nkey of another vantage point.
func TestPermitted(t *testing.T) {
	p := newPlace(t, fleettest.Options{})
	for name, want := range map[string]bool{"berlin": true, "tokyo": false} {
		conn, err := broker.Connect(broker.Connection{
			URLs: strings.Split(p.URL(), ","), Clear: true, Nkey: filepath.Join(p.folder, "berlin.nkey"), Inbox: inbox,
			Up: func() {}, Down: func(error) {}, Denied: func() {},
		})
		p.must(err)
		if permitted(conn, name) != want {
			t.Errorf("%s: permitted is %t", name, !want)
		}
		conn.Close()
	}
}

// TestSkew: what an agent does not know it answers with 501, whatever else the
// request says; a request that came late is not begun.
func TestSkew(t *testing.T) {
	p := newPlace(t, fleettest.Options{})
	fleet := p.fleet()
	p.agent(fleet, "tokyo")
	conn := p.connect("bot", broker.BotInbox)
	for _, tt := range []struct {
		name, body, deadline, want string
	}{
		{"a later version", `{"request":{"v":2,"op":"probe"}}`, "2100-01-01T00:00:00Z", `"code":501`},
		{"another op", `{"request":{"v":1,"op":"imap","later":true}}`, "2100-01-01T00:00:00Z", `"code":501`},
		{"no body", `hunter2`, "2100-01-01T00:00:00Z", `"code":400`},
		{"too late", `{"request":{"v":1,"op":"egress"}}`, "2000-01-01T00:00:00Z", `"code":408`},
		{"a login that does not open", `{"request":{"v":1,"op":"probe","probe":{"host":"a.example","port":25}},
			"sealed":"QUJD"}`, "2100-01-01T00:00:00Z", `"code":422`},
	} {
		m := nats.NewMsg(remote.RunSubject("tokyo"))
		m.Header.Set("Run-Id", "R1")
		m.Header.Set("Deadline", tt.deadline)
		m.Data = []byte(tt.body)
		answer, err := conn.RequestMsg(m, 5*time.Second)
		if err != nil || answer.Header.Get("Kind") != "error" || !strings.Contains(string(answer.Data), tt.want) ||
			strings.Contains(string(answer.Data), "hunter2") {
			t.Errorf("%s: %+v, %v", tt.name, answer, err)
		}
	}
}
