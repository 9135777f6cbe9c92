package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"smtptest/bot"
	"smtptest/bot/slackbot"
	"smtptest/formatting"
	"smtptest/probe"
)

// maxPayloadTime is for asking Slack about all payloads: some 60 seconds with
// the pauses between them, and as much again for a slow network.
const maxPayloadTime = 2 * time.Minute

// checkPayloads sends every kind of message that this program makes for Slack to
// Slack's public validator, one after the other with a pause between, and says
// what Slack would not take. No test is run, and no server's text is among it.
func checkPayloads(ctx context.Context, c config, pause time.Duration, out io.Writer) int {
	ctx, cancel := context.WithTimeout(ctx, maxPayloadTime)
	defer cancel()
	v := slackbot.NewValidator(c.slackAPI)
	asked, bad := 0, 0
	for _, s := range samples(handler(c)) {
		for _, p := range s.Payloads() {
			if asked++; asked > 1 {
				select {
				case <-time.After(pause):
				case <-ctx.Done():
				}
			}
			wrongs, err := v.Validate(ctx, p)
			if err != nil {
				fmt.Fprintf(out, "Slack's validator could not be asked about payload %d (%s): %s. "+
					"This needs a way to slack.com, or to the server that SLACK_API_URL names.\n", asked, p.Name, bot.Cause(err))
				return exitRefused
			}
			for _, w := range wrongs {
				fmt.Fprintf(out, "Slack does not take %s: %s\n", p.Name, w)
			}
			if len(wrongs) > 0 {
				bad++
			}
		}
	}
	fmt.Fprintf(out, "Slack's validator was asked about %d payloads, and would not take %d of them.\n", asked, bad)
	if bad > 0 {
		return exitRefused
	}
	return exitStopped
}

// samples are one of each kind: what the handler answers without a network, and
// results in which every part of a message is used.
func samples(h *bot.Handler) []slackbot.Sample {
	all := []slackbot.Sample{
		{Name: "a test that runs", Message: formatting.Testing(probe.Request{Target: sampleTarget()})},
		{Name: "a result", Message: sampleResult(formatting.ToneBad, 12)},
		{Name: "a long result", Message: sampleResult(formatting.ToneGood, 2000)},
	}
	for _, ask := range []struct{ name, text string }{
		{"the form for a test", ""}, {"the form for a text", "explain"},
		{"the form for a login", "login smtp.example.com"}, {"help", "help"}, {"an explanation", "explain 535 5.7.8"},
		{"a text that is not known", "explain hyacinth"}, {"a refusal", "smtp.example.com:22"},
		{"a command that cannot be read", "smtp..example.com"},
	} {
		a := h.Begin(sampleInvocation(ask.text))
		all = append(all, slackbot.Sample{Name: ask.name, Message: a.Message, Form: a.Form})
	}
	home := sampleInvocation("")
	home.Home = true
	return append(all, slackbot.Sample{Name: "the home tab", Message: h.Begin(home).Message, Home: true})
}

func sampleTarget() probe.Target { return probe.Target{Host: "smtp.example.com", Port: 587} }

func sampleInvocation(text string) bot.Invocation {
	return bot.Invocation{
		Text: text, Place: bot.Place{Platform: formatting.Slack, Workspace: "T1", Channel: "C1"},
		Person: formatting.Person{ID: text, Name: "ada"}, // each asks once, so that no limit is reached
		Traits: bot.Traits{Name: "Slack", ShowsSecrets: true, OpensTests: true, OpensTexts: true},
	}
}

// sampleResult uses every part of a message. Its texts hold what Slack would
// read as markup, and its transcript has so many lines.
func sampleResult(tone formatting.Tone, lines int) formatting.Message {
	const markup = "<!channel> &amp; *bold* ```code``` <https://example.com|here> @here"
	run := strings.Repeat("0", 32)
	code := formatting.Code{Title: "Transcript", Legend: "C: sent, S: received."}
	for i := range lines {
		code.Lines = append(code.Lines, formatting.CodeLine{
			At: time.Duration(i) * time.Millisecond, Side: "S", Secure: i%2 == 0, Text: "250-" + markup,
		})
	}
	action := func(verb, label string) formatting.Action {
		return formatting.Action{Verb: verb, Run: run, Label: label, Accessible: label + ": " + sampleTarget().String()}
	}
	again, next, more := action("again", "Run again"), action("variant", "Try port 465"), action("more", "More…")
	again.Request, next.Main = strings.Repeat("A", 1000), true
	more.Choices = []formatting.Choice{{Value: "json", Label: "Result as JSON"}, {Value: "ticket", Label: "Ticket"}}
	return formatting.Message{
		Tone: tone, Verdict: "Failed at TLS", Target: sampleTarget().String(), Fact: "The certificate has expired.",
		Quote: []string{"550-5.7.1 " + markup, "550 5.7.1 again"}, Try: "Renew the certificate.",
		Owner: "the server's operators", Notes: []string{"Port 587, because none was given."},
		By: formatting.Person{ID: "U1", Name: "ada"}, Footer: "tested from here", Began: time.Now(),
		Links: []formatting.Link{{Label: "the test before", URL: "https://example.slack.com/archives/C1/p1"}},
		Sections: []formatting.Section{
			formatting.Findings{Items: []formatting.Finding{{
				Severity: "Error", Title: "The certificate has expired", Explanation: markup, Advice: "Renew it.",
				Owner: "the server's operators", Confidence: "measured", Reference: "RFC 5280 §4.1.2.5", ID: "tls.expired",
			}}},
			formatting.Facts{Title: "TLS", Rows: []formatting.Fact{
				{Name: "Version", Value: "TLS 1.3"}, {Name: "SHA-256", Value: strings.Repeat("0", 64)}, {Name: "Resumed"},
			}},
			formatting.Facts{Title: "Capabilities", Short: "8BITMIME, PIPELINING", Rows: []formatting.Fact{{Name: "SIZE"}}},
			formatting.Prose{Title: "What was not tested", Paragraphs: []string{"No login was tried.", markup}},
			code,
		},
		Actions: []formatting.Action{again, next, action("login", "Test a login…"), more},
	}
}
