package resolve

import (
	"context"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// stray sends a message that is not the answer, changed from a true one.
func stray(w dns.ResponseWriter, q *dns.Msg, change func(*dns.Msg)) {
	m := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
	change(m)
	w.WriteMsg(m)
}

var strays = map[string]dns.HandlerFunc{
	"garbage":     func(w dns.ResponseWriter, _ *dns.Msg) { w.Write([]byte("220 mail.example ESMTP\r\n")) },
	"one octet":   func(w dns.ResponseWriter, _ *dns.Msg) { w.Write([]byte{0}) },
	"wrong id":    func(w dns.ResponseWriter, q *dns.Msg) { stray(w, q, func(m *dns.Msg) { m.Id++ }) },
	"no response": func(w dns.ResponseWriter, q *dns.Msg) { stray(w, q, func(m *dns.Msg) { m.Response = false }) },
	"no question": func(w dns.ResponseWriter, q *dns.Msg) { stray(w, q, func(m *dns.Msg) { m.Question = nil }) },
	"other name": func(w dns.ResponseWriter, q *dns.Msg) {
		stray(w, q, func(m *dns.Msg) { m.Question[0].Name = "other.test." })
	},
	"other type": func(w dns.ResponseWriter, q *dns.Msg) {
		stray(w, q, func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeA })
	},
	"other class": func(w dns.ResponseWriter, q *dns.Msg) {
		stray(w, q, func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS })
	},
	"notify": func(w dns.ResponseWriter,
		q *dns.Msg) {
		stray(w, q, func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify })
	},
	"large datagram": func(w dns.ResponseWriter, _ *dns.Msg) { w.Write(make([]byte, 4000)) },
}

func TestStraysDoNotAnswer(t *testing.T) {
	for name, send := range strays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, send)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if got := At(f.at).Why(ctx, "mail.test"); say(got) != Unknown {
				t.Errorf("got %s", say(got))
			}
		})
	}
}

func TestStraysDoNotHideTheAnswer(t *testing.T) {
	good := zone("mail.test. MX 10 a.test.")
	for name, send := range strays {
		f := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
			send(w, q.Copy())
			good(w, q)
		})
		if got := At(f.at).Why(t.Context(), "mail.test"); say(got) != "nodata, 10 a.test" {
			t.Errorf("%s: %s", name, say(got))
		}
	}
}

func TestAFloodOfStraysEndsTheWait(t *testing.T) {
	f := serve(t, func(w dns.ResponseWriter, _ *dns.Msg) {
		for range maxStrays {
			w.Write([]byte("stray"))
		}
	})
	began := time.Now()
	if got := At(f.at).Why(t.Context(), "mail.test"); say(got) != Unknown {
		t.Errorf("got %s", say(got))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestTruncatedForEver(t *testing.T) {
	truncated := func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Truncated = true
		w.WriteMsg(m)
	}
	for name, tc := range map[string]struct {
		overTCP dns.HandlerFunc
		want    string
		limit   time.Duration
	}{
		"also over TCP":     {truncated, NoData, 3 * time.Second},
		"garbage over TCP":  {strays["garbage"], Unknown, 3 * time.Second},
		"wrong id over TCP": {strays["wrong id"], Unknown, 3 * time.Second},
		"closed over TCP":   {func(w dns.ResponseWriter, _ *dns.Msg) { w.Close() }, Unknown, 3 * time.Second},
		"silent over TCP":   {silence, Timeout, 300 * time.Millisecond},
	} {
		f := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
			if overTCP(w) {
				tc.overTCP(w, q)
				return
			}
			truncated(w, q)
		})
		ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
		if got := At(f.at).Why(ctx, "mail.test"); say(got) != tc.want {
			t.Errorf("%s: %s, want %s", name, say(got), tc.want)
		}
		cancel()
	}
}

func TestALostDatagramIsSentAgain(t *testing.T) {
	good := zone("mail.test. MX 10 a.test.")
	var came atomic.Int32
	f := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if came.Add(1) > 1 {
			good(w, q)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if got := At(f.at).Why(ctx, "mail.test"); say(got) != "nodata, 10 a.test" || len(f.questions()) != 2 {
		t.Errorf("got %s after %q", say(got), f.questions())
	}
}

func TestRecordsThatWereNotAskedForAreLeftOut(t *testing.T) {
	f := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		for _, s := range []string{"other.test. MX 1 evil.test.", "mail.test. MX 10 a.test.", "mail.test. A 192.0.2.1"} {
			rr, _ := dns.NewRR(s)
			m.Answer = append(m.Answer, rr)
			m.Extra = append(m.Extra, rr)
		}
		w.WriteMsg(m)
	})
	if got := At(f.at).Why(t.Context(), "mail.test"); say(got) != "nodata, 10 a.test" {
		t.Errorf("got %s", say(got))
	}
}

func TestWhyEndsWithTheContext(t *testing.T) {
	f := serve(t, silence)
	late, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	stopped, stop := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, stop)
	over, end := context.WithTimeout(t.Context(), -1)
	defer end()
	for _, tc := range []struct {
		name string
		ctx  context.Context
		want string
	}{{"deadline", late, Timeout}, {"canceled", stopped, Unknown}, {"over before", over, Timeout}} {
		began := time.Now()
		if got := At(f.at).Why(tc.ctx, "mail.test"); say(got) != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, say(got), tc.want)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: took %v", tc.name, took)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	packets, stream := samePort(t)
	nobody := netip.MustParseAddrPort(packets.LocalAddr().String())
	packets.Close()
	stream.Close()
	began := time.Now()
	if got := At(nobody).Why(t.Context(), "mail.test"); say(got) != Unknown {
		t.Errorf("got %s", say(got))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	for _, answer := range []dns.HandlerFunc{silence, zone("mail.test. MX 10 a.test.")} {
		f := serve(t, answer)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		At(f.at).Addresses(ctx, "mail.test")
		At(f.at).Why(ctx, "mail.test")
		cancel()
	}
	var stacks string
	for range 100 {
		data := make([]byte, 1<<18)
		stacks = string(data[:runtime.Stack(data, true)])
		if !strings.Contains(stacks, "net.(*Resolver)") && !strings.Contains(stacks, "resolve.exchange") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("a lookup is still running:\n%s", stacks)
}
