package resolve

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"smtptest/probe/smtp"
)

func FuzzExplain(f *testing.F) {
	for _, records := range [][]string{
		{"mail.test. MX 10 a.test."}, {"mail.test. MX 0 ."}, {"mail.test. CNAME mail.test."}, {"mail.test. MX 10 192.0.2.1."},
		{"mail.test. CNAME b.test.", "b.test. MX 1 \\000\\255.test."}, many(25),
	} {
		m := new(dns.Msg).SetReply(question("mail.test."))
		for _, s := range records {
			rr, err := dns.NewRR(s)
			if err != nil {
				f.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		m.Id = 0
		data, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)-3])
	}
	f.Add([]byte("220 mail.example ESMTP\r\n"))
	q := question("mail.test.")
	q.Id = 0
	f.Fuzz(func(t *testing.T, data []byte) {
		m := new(dns.Msg)
		if m.Unpack(data) != nil || !answers(m, q) {
			return
		}
		e := explain(m)
		if e.Answer == "" || len(e.MX) > maxMX || e.MXOmitted > 0 && len(e.MX) < maxMX {
			t.Errorf("%+v", e)
		}
		hosts := []string{e.Alias}
		for _, mx := range e.MX {
			hosts = append(hosts, mx.Host)
		}
		for _, host := range hosts {
			if len(host) > maxHostOctets+len("…") || smtp.Printable([]byte(host)) != host {
				t.Errorf("%q is not printable and bounded", host)
			}
		}
	})
}

func FuzzAbsolute(f *testing.F) {
	for _, host := range append(unusualNames, "mail.test", "mail.test.", "a_b-c.test", "192.0.2.1.", "LOCALHOST") {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		name, err := absolute(host)
		if err != nil {
			return
		}
		if strings.TrimSuffix(name, ".") != strings.TrimSuffix(host, ".") || !strings.HasSuffix(name, ".") {
			t.Errorf("%q became %q", host, name)
		}
		// What is asked is what was given: packing and unpacking changes nothing.
		data, err := question(name).Pack()
		if err != nil {
			t.Fatalf("%q cannot be sent: %v", name, err)
		}
		m := new(dns.Msg)
		if err := m.Unpack(data); err != nil || m.Question[0].Name != name {
			t.Errorf("%q is sent as %q, %v", name, m.Question[0].Name, err)
		}
	})
}
