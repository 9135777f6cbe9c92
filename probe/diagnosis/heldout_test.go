package diagnosis

import (
	"slices"
	"testing"
)

// foundWording is a reply that a server is known to have given, with the
// place where it was found.
type foundWording struct {
	wording
	source  string // program and file, or repository and thread: "Exim 4.96, src/smtp_in.c", "nodemailer/nodemailer#1484"
	heldOut bool   // the rule was written without it, see foundWordings
}

// foundWordings are replies collected from servers' own sources and from
// public threads after the rules had been written. A reply that a rule did not
// know at first is not held out: the rule has been widened by it. For seven
// rules nothing fresh was found; their fragments were written anew by somebody
// who had only a part of the replies, and those of the rest that are marked
// here were recognised: auth.app-password, auth.disabled-by-admin,
// auth.web-login, envelope.pipelining-refused, greeting.come-back-later,
// session.foreign-command, tls.client-certificate.
func foundWordings() []foundWording {
	return slices.Concat(foundAuthWordings(), foundSessionWordings())
}

func TestFoundWordings(t *testing.T) {
	for _, tt := range foundWordings() {
		t.Run(tt.name, func(t *testing.T) {
			if got := classify(t, tt.to, tt.reply); got != tt.want {
				t.Errorf("%s means %q, want %q", tt.reply, got, tt.want)
			}
			if tt.source == "" {
				t.Error("it is not said where this reply was found")
			}
		})
	}
}
