//go:build unix

package realtest

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtptest/probe/dane"
	"smtptest/probe/probetest/long"
)

// verdictLimit is how long a person waits at most for six servers with two
// addresses each, 100 ms away.
const verdictLimit = 3500 * time.Millisecond

// TestDomainSpeed shows how long smtptest takes for the domain, beside the same
// questions asked one after the other by dig and posttls-finger:
//
//	SMTPTEST_REAL=1 go test ./probe/realtest -run DomainSpeed -long -v
//
// Each question, each handshake of TCP and each line of SMTP takes 50 ms there
// and 50 ms back.
func TestDomainSpeed(t *testing.T) {
	long.Only(t)
	s := newSite(t)
	f := newFarDomain(s)
	program := filepath.Join(s.folder, "smtptest")
	if out, err := exec.Command("go", "build", "-o", program, "smtptest/cmd/smtptest").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	began := time.Now()
	out, err := exec.Command(program, "domain", "example.test", "--dns", f.dns.Addr().String(), "--trust-anchors",
		f.anchors).CombinedOutput()
	ours := time.Since(began)
	text := string(out)
	if strings.Count(text, "matches") != 12 || !strings.Contains(text, "delivers, verified") {
		t.Fatalf("%v\n%s", err, text)
	}
	began = time.Now()
	questions, sessions := f.oneByOne()
	theirs := time.Since(began)
	t.Logf("smtptest: %.2f s; %d × dig, then %d × posttls-finger: %.2f s", ours.Seconds(), questions, sessions,
		theirs.Seconds())
	if ours > verdictLimit {
		t.Errorf("it took %s, want %s at most", ours, verdictLimit)
	}
}

// farDomain is example.test: six servers with two addresses each, signed, far away.
type farDomain struct {
	*site
	dns     netip.AddrPort
	anchors string // a file
	root    string // of posttls-finger
	network netip.Addr
}

func newFarDomain(s *site) *farDomain {
	s.Helper()
	f := &farDomain{site: s, anchors: filepath.Join(s.folder, "anchors"), network: freeNetwork(s, 25)}
	p := &postfix{Certificate: filepath.Join(s.folder, "server.pem"), Services: []service{{Program: "smtpd"}}}
	must(s, os.Rename(s.certificate(showsFull), p.Certificate)) // Postfix takes a star in a name for a pattern
	p.start(s)
	key, _ := dane.Select(s.leaf(p.Certificate), 1, 1)
	records := "@ IN TXT \"v=spf1 mx -all\"\n_dmarc IN TXT \"v=DMARC1; p=reject\"\n"
	for i := range 6 {
		records += fmt.Sprintf("@ IN MX %d mx%d\n_25._tcp.mx%[2]d IN TLSA 3 1 1 %x\n", 10*i, i, key)
		for j := range 2 {
			records += fmt.Sprintf("mx%d IN A %s\n", i, f.address(i, j))
			f.far("tcp", netip.AddrPortFrom(f.address(i, j), 25), fmt.Sprintf("%s:%d", loopback, p.Services[0].Port))
		}
	}
	n := newNameServer(s)
	n.signed("example.test", records)
	n.serve("example.test")
	s.write(f.anchors, []byte(n.ds))
	// The hosts that tell a blocked port 25 from a silent server are served, all other names are not there.
	more := "  local-zone: \".\" static\n  local-zone: \"test.\" transparent\n"
	for _, host := range []string{"smtp.sendgrid.net", "smtp.mailgun.org", "dns.google"} {
		more += fmt.Sprintf("  local-data: \"%s. A %s\"\n", host, f.address(0, 0))
	}
	near := n.validated([]string{"example.test"}, more)
	f.dns = netip.AddrPortFrom(freeNetwork(s, 53), 53)
	f.far("tcp", f.dns, near.String())
	f.farDatagrams(near)
	f.root = s.fingerRoot(f.dns)
	return f
}

func (f *farDomain) address(server, which int) netip.Addr {
	octets := f.network.As4()
	octets[3] = byte(1 + 2*server + which)
	return netip.AddrFrom4(octets)
}

// far opens a port that leads to a server. What a handshake of TCP would take
// passes before the first octet, for the kernel has made it at once.
func (f *farDomain) far(network string, at netip.AddrPort, to string) {
	f.Helper()
	l, err := net.Listen(network, at.String())
	must(f, err)
	f.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				time.Sleep(2 * oneWay)
				far, err := net.Dial(network, to)
				if err != nil {
					near.Close()
					return
				}
				go carry(near, far)
				carry(far, near)
			}()
		}
	}()
}

// farDatagrams is the same for questions over UDP.
func (f *farDomain) farDatagrams(to netip.AddrPort) {
	f.Helper()
	l, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(f.dns))
	must(f, err)
	f.Cleanup(func() { l.Close() })
	go func() {
		for {
			buffer := make([]byte, 4096)
			n, from, err := l.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			go func() {
				time.Sleep(oneWay)
				c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
				if err != nil {
					return
				}
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(5 * time.Second))
				if _, err = c.Write(buffer[:n]); err != nil {
					return
				}
				if n, err = c.Read(buffer); err == nil {
					time.Sleep(oneWay)
					_, _ = l.WriteToUDPAddrPort(buffer[:n], from) // who asked may have gone
				}
			}()
		}
	}()
}

// oneByOne asks what smtptest asks, as a person would with a list.
func (f *farDomain) oneByOne() (questions, sessions int) {
	f.Helper()
	ask := func(name, kind string) {
		questions++
		out, err := exec.Command("dig", "+dnssec", "+short", "@"+f.dns.Addr().String(), name, kind).CombinedOutput()
		if err != nil {
			f.Fatalf("dig %s %s: %v\n%s", name, kind, err, out)
		}
	}
	ask("example.test", "MX")
	for _, name := range []string{"", "_dmarc.", "_mta-sts.", "_smtp._tls.", "default._bimi."} {
		ask(name+"example.test", "TXT")
	}
	for i := range 6 {
		host := fmt.Sprintf("mx%d.example.test", i)
		ask(host, "A")
		ask(host, "AAAA")
		ask("_25._tcp."+host, "TLSA")
		f.finger("[" + host + "]") // it meets one of the addresses
		f.finger("[" + f.address(i, 1).String() + "]")
		sessions += 2
		for j := range 2 {
			o := f.address(i, j).As4()
			ask(fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", o[3], o[2], o[1], o[0]), "PTR")
		}
	}
	return questions, sessions
}

func (f *farDomain) finger(to string) {
	f.Helper()
	cmd := exec.Command(posttlsFinger, "-c", "-l", "dane", "-a", "ipv4", to)
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: f.root}
	if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "TLS connection established") {
		f.Fatalf("posttls-finger %s: %s", to, out)
	}
}
