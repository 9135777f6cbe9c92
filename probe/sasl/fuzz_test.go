package sasl

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"smtptest/probe/smtp"
)

// seeds are what the tables of the other tests say, by mechanism.
func seeds(add func(mechanism string, said []string)) {
	for _, tt := range hostile {
		add(tt.mechanism, tt.said)
	}
	for _, tt := range prompts {
		add("LOGIN", tt.said)
	}
	for _, tt := range digestLogins {
		add("DIGEST-MD5", []string{encode(tt.challenge)})
	}
	for _, tt := range examples {
		var said []string
		for _, step := range tt.steps[1:] {
			server, _, _ := strings.Cut(step, " → ")
			said = append(said, encode(server))
		}
		add(tt.mechanism, said)
	}
}

// fuzzNext answers three challenges, as they are and encoded.
func fuzzNext(f *testing.F, mechanism string) {
	seeds(func(m string, said []string) {
		if m == mechanism {
			said = append(said, "", "", "")
			f.Add(said[0], said[1], said[2])
			f.Add(decoded(said[0]), decoded(said[1]), decoded(said[2]))
		}
	})
	f.Fuzz(func(t *testing.T, first, second, third string) {
		checkDialogue(t, mechanism, first, second, third)
		checkDialogue(t, mechanism, encode(first), encode(second), encode(third))
	})
}

// decoded decodes what can be decoded.
func decoded(text string) string {
	m := &Exchange{}
	data, problem := m.decode(text)
	if problem != "" {
		return text
	}
	return string(data)
}

// checkDialogue checks one dialogue against what the types promise. A
// challenge can cost a million iterations, more cannot be asked for.
func checkDialogue(t *testing.T, mechanism string, said ...string) {
	t.Helper()
	x := begin(t, mechanism, canaries(mechanism), nonce)
	began := time.Now()
	x.Start()
	over := false
	for _, s := range said {
		if len(s)%2 == 1 { // as a reader that masks first
			s = x.MaskLine(s)
		}
		l, err := x.Next(s)
		checkLine(t, l)
		if over && err == nil {
			t.Errorf("%q is answered after the cancellation", s)
		}
		if over = over || err != nil; over && l.Reveal() != "*" {
			t.Errorf("%v with the line %q", err, l.Reveal())
		}
		if err != nil {
			checkHidden(t, err.Error())
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	checkEvidence(t, x.Evidence())
}

func checkLine(t *testing.T, l Line) {
	t.Helper()
	if strings.ContainsAny(l.Reveal(), "\r\n\x00") || len(l.Reveal())+2 > maxLineOctets || l.Shown == "" ||
		len(l.Shown) > 60 {
		t.Errorf("line of %d octets shown as %q", len(l.Reveal()), l.Shown)
	}
}

func checkEvidence(t *testing.T, e Evidence) {
	t.Helper()
	texts := append([]string{e.Realm, e.ServerError}, e.Prompts...)
	if e.TokenError != nil {
		texts = append(texts, e.TokenError.Status, e.TokenError.Schemes, e.TokenError.Scope, e.TokenError.Configuration)
	}
	for _, text := range texts {
		if len(text) > maxTextBytes || !utf8.ValidString(text) || smtp.Printable([]byte(text)) != text {
			t.Errorf("evidence holds %q", text)
		}
		checkHidden(t, text)
	}
	if e.Challenges > maxChallenges || len(e.Prompts) > maxChallenges || e.Proof == ProofVerified &&
		e.Problem == ProblemProof {
		t.Errorf("evidence %+v", e)
	}
}

func FuzzNextPLAIN(f *testing.F)       { fuzzNext(f, "PLAIN") }
func FuzzNextLOGIN(f *testing.F)       { fuzzNext(f, "LOGIN") }
func FuzzNextCRAMMD5(f *testing.F)     { fuzzNext(f, "CRAM-MD5") }
func FuzzNextDIGESTMD5(f *testing.F)   { fuzzNext(f, "DIGEST-MD5") }
func FuzzNextSCRAM(f *testing.F)       { fuzzNext(f, "SCRAM-SHA-256") }
func FuzzNextXOAUTH2(f *testing.F)     { fuzzNext(f, "XOAUTH2") }
func FuzzNextOAUTHBEARER(f *testing.F) { fuzzNext(f, "OAUTHBEARER") }

// FuzzDirectives writes what was read, and reads it again.
func FuzzDirectives(f *testing.F) {
	seeds(func(_ string, said []string) { f.Add(strings.Join(said, ",")); f.Add(decoded(strings.Join(said, ""))) })
	f.Fuzz(func(t *testing.T, text string) {
		all, ok := parseDirectives(text)
		if !ok && all != nil {
			t.Fatalf("%q gives %v and is refused", text, all)
		}
		var parts []string
		for _, d := range all {
			parts = append(parts, d.name+"="+quote(d.value))
		}
		again, ok := parseDirectives(strings.Join(parts, ", "))
		if !ok || len(again) != len(all) {
			t.Fatalf("%q became %q", text, parts)
		}
		for i, d := range all {
			if again[i] != d {
				t.Errorf("%+v became %+v", d, again[i])
			}
		}
	})
}
