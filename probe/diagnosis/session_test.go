package diagnosis

import (
	"testing"

	"smtptest/probe"
	"smtptest/probe/smtp"
)

func TestFullStop(t *testing.T) {
	for quotation, want := range map[string]string{
		"“220 mx”": "“220 mx”.", "“221 Bye.”": "“221 Bye”.", "“221 Wait..”": "“221 Wait.”.", "": ".",
	} {
		if got := fullStop(quotation); got != want {
			t.Errorf("%s: got %s, want %s", quotation, got, want)
		}
	}
}

// TestReplied: the words of the server are taken as they are, also where they
// look like a place to fill in.
func TestReplied(t *testing.T) {
	for _, tt := range []struct{ reply, text, want string }{
		{"550 5.7.1 No.", answered, "To MAIL FROM the server said “550 5.7.1 No”."},
		{"550 No.", "The server said {reply}: no.", "The server said “550 No.”: no."},
		{"550 No {reply}. %s {command}", answered, "To MAIL FROM the server said “550 No {reply}. %s {command}”."},
	} {
		s := newSession(endedAt("mx.example.test", probe.PhaseEnvelope, replyOf(t, tt.reply)))
		if got := s.replied(tt.text).explanation; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.reply, got, tt.want)
		}
	}
}

// TestRepliesNameTheirCommand: each phase in which a reply can end a session
// has words for what it answered.
func TestRepliesNameTheirCommand(t *testing.T) {
	for phase, want := range map[probe.Phase]string{
		probe.PhaseGreeting: "the connection", probe.PhaseEHLO: "EHLO", probe.PhaseSTARTTLS: "STARTTLS",
		probe.PhaseAuth: "the login with PLAIN", probe.PhaseEnvelope: "MAIL FROM",
	} {
		s := newSession(endedAt("mx.example.test", phase, &smtp.Reply{Code: 554}))
		if got := s.command(); got != want {
			t.Errorf("%s: got %s, want %s", phase, got, want)
		}
	}
}
