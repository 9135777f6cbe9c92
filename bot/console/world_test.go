package console_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/bot"
	"smtptest/bot/console"
	"smtptest/bot/results"
	"smtptest/formatting/formattest"
	"smtptest/probe"
	"smtptest/probe/probetest"
	"smtptest/probe/secret"
)

// script is a person who types these lines and then leaves.
type script struct {
	lines []string
	out   *strings.Builder
}

func (s *script) next(prompt string) (string, bool) {
	s.out.WriteString(prompt)
	if len(s.lines) == 0 {
		return "", false
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	return line, true
}

// Command implements console.Asker.
func (s *script) Command(ctx context.Context, prompt string) (string, bool) {
	return s.Line(ctx, prompt)
}

// Line implements console.Asker. What is typed is seen, as on a terminal.
func (s *script) Line(_ context.Context, prompt string) (string, bool) {
	line, ok := s.next(prompt)
	s.out.WriteString(line + "\n")
	return line, ok
}

// Secret implements console.Asker. What is typed is not seen.
func (s *script) Secret(_ context.Context, prompt string) (secret.Secret, bool) {
	line, ok := s.next(prompt)
	s.out.WriteString("\n")
	return secret.New(line), ok
}

// scripted plays the case that the host names, CASE.test, in virtual time; for
// any other host the case good.
type scripted struct {
	t  *testing.T
	ca *probetest.CA
}

// Probe implements probe.Prober.
func (p scripted) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	name, _, _ := strings.Cut(req.Target.Host, ".")
	all := formattest.Cases(p.t)
	i := slices.IndexFunc(all, func(c *probetest.Case) bool { return c.Name == name })
	if i < 0 {
		i = slices.IndexFunc(all, func(c *probetest.Case) bool { return c.Name == "good" })
	}
	c := all[i]
	network := probetest.NewNetwork(c, p.ca)
	network.Server.Login = req.Login
	own := c.Request
	own.Target.Port, own.Login = req.Target.Port, req.Login
	report, err := network.Prober().Probe(ctx, own, probe.Hooks{Event: hooks.Event})
	network.Wait()
	return report, err
}

// session is what a person sees who types these lines.
func session(t *testing.T, show console.Renderer, lines ...string) string {
	t.Helper()
	var out strings.Builder
	synctest.Test(t, func(t *testing.T) {
		ca, err := probetest.NewCA()
		if err != nil {
			t.Fatal(err)
		}
		dispatcher := &bot.Dispatcher{Handler: &bot.Handler{
			Prober:  scripted{t, ca},
			Limiter: results.NewMemoryLimiter(results.DefaultLimits()), Store: results.NewMemoryStore(), Envelope: true,
		}}
		c := &console.Console{Dispatcher: dispatcher, Out: &out, Ask: &script{lines, &out}, Show: show, Greeting: "Hello.\n"}
		c.Run(t.Context())
		dispatcher.Stop(t.Context())
	})
	return out.String()
}

// wants looks for texts in order.
func wants(t *testing.T, shown string, texts ...string) {
	t.Helper()
	rest := shown
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Errorf("%q is missing, or not in its place, in:\n%s", text, shown)
			return
		}
		rest = after
	}
}
