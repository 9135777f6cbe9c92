package resolve

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Limits of one question.
const (
	questionLimit = 5 * time.Second // as resolv.conf(5), for all servers, repetitions and TCP together
	maxServers    = 2               // asked in turn, each for its share of the time
	udpOctets     = 1232            // of a datagram: what passes without fragments (RFC 9715 §3.1)
	udpSends      = 2               // of the same question: a datagram may get lost
	maxStrays     = 64              // datagrams that are not the answer
)

// errGarbled says that octets came, but no answer to our question.
var errGarbled = errors.New("the name server's answer could not be read")

// reply is what asking brought.
type reply struct {
	message *dns.Msg
	server  netip.AddrPort // who said so, or who was asked first
	err     error          // not nil: there is no message
}

// question asks for the MX records of a name that ends in a dot.
func question(name string) *dns.Msg {
	q := new(dns.Msg).SetQuestion(name, dns.TypeMX)
	return q.SetEdns0(udpOctets, false)
}

// definite reports an answer that settles whether the name exists.
func definite(m *dns.Msg) bool {
	return m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError
}

// askInTurn asks the servers one after another until one gives a definite
// answer, as the system's resolver does. Otherwise the first SERVFAIL, else
// the first other answer, else the first error is returned.
func askInTurn(ctx context.Context, servers []netip.AddrPort, q *dns.Msg) reply {
	ctx, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	var best reply
	for i, server := range servers {
		got := askFor(ctx, len(servers)-i, server, q)
		if got.err == nil && definite(got.message) {
			return got
		}
		if i == 0 || tellsMore(got, best) {
			best = got
		}
	}
	return best
}

// tellsMore prefers SERVFAIL to other refusals and those to silence.
func tellsMore(a, b reply) bool {
	rank := func(r reply) int {
		switch {
		case r.err != nil:
			return 0
		case r.message.Rcode != dns.RcodeServerFailure:
			return 1
		}
		return 2
	}
	return rank(a) > rank(b)
}

// askFor asks one server within its share of the time that is left.
func askFor(ctx context.Context, shares int, server netip.AddrPort, q *dns.Msg) reply {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
	defer cancel()
	message, err := ask(ctx, server, q)
	return reply{message, server, err}
}

// ask puts a question over UDP, and over TCP when the answer did not fit
// (RFC 7766 §5), and over TCP at once for keys, which seldom fit. Each has an id of its own.
func ask(ctx context.Context, server netip.AddrPort, q *dns.Msg) (*dns.Msg, error) {
	if q.Question[0].Qtype == dns.TypeDNSKEY {
		return exchange(ctx, "tcp", server, q)
	}
	message, err := exchange(ctx, "udp", server, q)
	if err == nil && message.Truncated {
		return exchange(ctx, "tcp", server, q)
	}
	return message, err
}

// exchange opens a socket for one question, so that each comes from another
// port (RFC 5452 §9.2). ctx has a deadline. dns.Client would end the wait at
// the first datagram that it cannot read or that answers another question, and
// sends nothing again.
func exchange(ctx context.Context, network string, server netip.AddrPort, q *dns.Msg) (*dns.Msg, error) {
	var d net.Dialer
	stream, err := d.DialContext(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	// A context that ends early closes what would wait for the deadline.
	stop := context.AfterFunc(ctx, func() { stream.Close() })
	defer stop()

	q = q.Copy()
	q.Id = dns.Id()
	conn := &dns.Conn{Conn: stream, UDPSize: udpOctets}
	sends := 1
	if network == "udp" {
		sends = udpSends
	}
	message, err := converse(ctx, conn, q, sends)
	if ctx.Err() != nil && err != nil && !errors.Is(err, errGarbled) {
		err = ctx.Err()
	}
	return message, err
}

// converse sends the question and reads until the answer is there, and sends
// it again when its part of the time has passed.
func converse(ctx context.Context, conn *dns.Conn, q *dns.Msg, sends int) (*dns.Msg, error) {
	var err error
	strays := 0
	for left := sends; left > 0; left-- {
		deadline, _ := ctx.Deadline()
		conn.SetDeadline(time.Now().Add(time.Until(deadline) / time.Duration(left)))
		if err = conn.WriteMsg(q); err != nil {
			break
		}
		var message *dns.Msg
		if message, err = await(conn, q, &strays); err == nil {
			return message, nil
		}
		if !timedOut(err) {
			break
		}
	}
	if strays > 0 {
		return nil, errGarbled
	}
	return nil, err
}

func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// await reads past datagrams that are not the answer: anyone can send one,
// and it must not end the wait for the true answer (RFC 5452 §9).
func await(conn *dns.Conn, q *dns.Msg, strays *int) (*dns.Msg, error) {
	for *strays < maxStrays {
		message, err := conn.ReadMsg()
		var network net.Error
		switch {
		case err == nil && answers(message, q):
			return message, nil
		case errors.As(err, &network):
			return nil, err
		}
		*strays++
		if _, datagrams := conn.Conn.(net.PacketConn); !datagrams {
			break
		}
	}
	return nil, errGarbled
}

// answers reports that a message has the id and the question that were sent
// (RFC 5452 §9.1).
func answers(m, q *dns.Msg) bool {
	if !m.Response || m.Id != q.Id || m.Opcode != dns.OpcodeQuery || len(m.Question) != 1 {
		return false
	}
	got, sent := m.Question[0], q.Question[0]
	return strings.EqualFold(got.Name, sent.Name) && got.Qtype == sent.Qtype && got.Qclass == sent.Qclass
}
