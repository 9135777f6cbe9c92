package resolve

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// fake is a name server on loopback, UDP and TCP on one port.
type fake struct {
	at    netip.AddrPort
	mu    sync.Mutex
	asked []string // "NAME TYPE", with " cd" and " tcp" behind it
}

// serve starts a fake that answers by a function.
func serve(t testing.TB, answer dns.HandlerFunc) *fake {
	t.Helper()
	packets, stream := samePort(t)
	f := &fake{at: netip.MustParseAddrPort(packets.LocalAddr().String())}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		f.note(w, q)
		answer(w, q)
	})
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: stream, Handler: handler}} {
		started, ended := make(chan struct{}), make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() {
			defer close(ended)
			s.ActivateAndServe()
		}()
		<-started
		t.Cleanup(func() {
			s.Shutdown()
			<-ended
		})
	}
	return f
}

func samePort(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		stream, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		packets, err := net.ListenPacket("udp", stream.Addr().String())
		if err == nil {
			return packets, stream
		}
		stream.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

func (f *fake) note(w dns.ResponseWriter, q *dns.Msg) {
	line := q.Question[0].Name + " " + dns.TypeToString[q.Question[0].Qtype]
	if q.CheckingDisabled {
		line += " cd"
	}
	if overTCP(w) {
		line += " tcp"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, line)
}

func overTCP(w dns.ResponseWriter) bool { return w.RemoteAddr().Network() == "tcp" }

// questions are those that came, sorted.
func (f *fake) questions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := slices.Clone(f.asked)
	slices.Sort(out)
	return out
}

// zone answers from records in their written form. A name without records
// does not exist; names below "empty." exist and have none.
func zone(records ...string) dns.HandlerFunc {
	var all []dns.RR
	for _, s := range records {
		rr, err := dns.NewRR(s)
		if err != nil {
			panic(err)
		}
		all = append(all, rr)
	}
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		name, exists := q.Question[0].Name, strings.HasSuffix(q.Question[0].Name, "empty.")
		for link := true; link; {
			link = false
			for _, rr := range all {
				if !strings.EqualFold(rr.Header().Name, name) {
					continue
				}
				exists = true
				alias, ok := rr.(*dns.CNAME)
				if ok || rr.Header().Rrtype == q.Question[0].Qtype {
					m.Answer = append(m.Answer, rr)
				}
				if ok {
					name, link, exists = alias.Target, true, false
				}
			}
		}
		if !exists {
			m.Rcode = dns.RcodeNameError
		}
		w.WriteMsg(m)
	}
}

// code answers with nothing but a response code.
func code(rcode int) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(new(dns.Msg).SetRcode(q, rcode)) }
}

// silence answers nothing.
func silence(dns.ResponseWriter, *dns.Msg) {}

// many are n MX records in reverse order.
func many(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("many.test. MX %d mx%03d.a-long-label-so-that-it-does-not-fit.many.test.", n-i, n-i))
	}
	return out
}
