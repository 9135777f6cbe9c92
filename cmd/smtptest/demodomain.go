package main

import (
	"context"
	"fmt"
	"strings"

	"smtptest/bot"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
)

// demoDomain is the mail domain of the playground: signed, with DANE and a
// policy, and with one server whose certificate has expired. Senders differ
// about it as much as they can.
const (
	demoDomain = "example.test"
	demoStory  = "A mail domain, with a server whose certificate has expired: who still delivers there?"
	demoZone   = `
		domain example.test
		zone example.test.
		example.test. MX 10 mx1.example.test.
		example.test. MX 20 mx2.example.test.
		mx1.example.test. A 192.0.2.1
		mx1.example.test. AAAA 2001:db8::1
		mx2.example.test. A 192.0.2.2
		_25._tcp.mx1.example.test. TLSA 3 1 1 KEY
		_25._tcp.mx2.example.test. TLSA 3 1 1 KEY
		example.test. TXT "v=spf1 mx -all"
		_dmarc.example.test. TXT "v=DMARC1; p=reject"
		policy enforce mx1.example.test mx2.example.test
		192.0.2.1 ok
		2001:db8::1 ok
		192.0.2.2 expired
		1.2.0.192.in-addr.arpa. PTR mx1.example.test.
		2.2.0.192.in-addr.arpa. PTR mx2.example.test.
		1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mx1.example.test.`
)

// eitherDomain examines the playground's domain, and others outside. The zone
// is signed anew each time: its signatures last for an hour.
type eitherDomain struct{ outside bot.Domains }

// Examine implements bot.Domains.
func (e eitherDomain) Examine(ctx context.Context, req domain.Request, h domain.Hooks) (r domain.Report, err error) {
	if !strings.EqualFold(strings.TrimSuffix(req.Domain, "."), demoDomain) {
		return e.outside.Examine(ctx, req, h)
	}
	t := &demoFault{}
	defer t.end()
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("the playground's domain: %s", t.says)
		}
	}()
	return domaintest.Read(t, demoZone).Examiner().Examine(ctx, req, h)
}

// demoFault is told what goes wrong in the playground's domain.
type demoFault struct {
	says string
	ends []func()
}

// Helper implements domaintest.T.
func (t *demoFault) Helper() {}

// Errorf implements domaintest.T.
func (t *demoFault) Errorf(format string, args ...any) { t.says = fmt.Sprintf(format, args...) }

// Fatal implements domaintest.T.
func (t *demoFault) Fatal(args ...any) {
	t.says = fmt.Sprint(args...)
	panic(t)
}

// Cleanup implements domaintest.T.
func (t *demoFault) Cleanup(end func()) { t.ends = append(t.ends, end) }

func (t *demoFault) end() {
	for _, end := range t.ends {
		end()
	}
}
