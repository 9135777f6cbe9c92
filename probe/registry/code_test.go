package registry

import (
	"slices"
	"strings"
	"testing"

	"smtptest/probe/smtp"
)

func TestReplyCodes(t *testing.T) {
	standard := []int{211, 214, 220, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 451, 452, 453, 454, 455, 458,
		459,
		500, 501, 502, 503, 504, 521, 523, 524, 525, 530, 533, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556}
	fromTheField := []int{353, 403, 422, 430, 431, 435, 441, 447, 449, 510, 511, 512, 513, 514, 515, 541, 571, 585}
	for _, n := range standard {
		if c, ok := CodeOf(n); !ok || c.Code != n || c.Reference == "" {
			t.Errorf("CodeOf(%d) = %+v, %t", n, c, ok)
		}
	}
	for _, n := range fromTheField {
		if c, ok := CodeOf(n); !ok || c.Code != n || c.Reference != "" {
			t.Errorf("CodeOf(%d) = %+v, %t", n, c, ok)
		}
	}
	for _, n := range []int{0, -1, 199, 299, 600, 999} {
		if c, ok := CodeOf(n); ok {
			t.Errorf("CodeOf(%d) = %+v", n, c)
		}
	}
}

func TestCodeClass(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range []int{299, 399, 499, 599} {
		class := CodeClass(n)
		if s := style(class); s != "" || seen[class] {
			t.Errorf("CodeClass(%d) = %q %s", n, class, s)
		}
		seen[class] = true
	}
	for _, n := range []int{-250, 0, 99, 199, 600} {
		if got := CodeClass(n); got != "" {
			t.Errorf("CodeClass(%d) = %q", n, got)
		}
	}
}

func enhancedCode(t *testing.T, s string) smtp.EnhancedCode {
	t.Helper()
	code, rest, ok := smtp.ParseEnhanced(s)
	if !ok || rest != "" {
		t.Fatalf("%q is no enhanced status code", s)
	}
	return code
}

func TestEnhancedRegistry(t *testing.T) {
	last := []int{0, 10, 4, 6, 7, 6, 10, 30} // of each subject
	rows := 0
	for subject, to := range last {
		for d := 0; d <= to; d++ {
			rows++
			code := smtp.EnhancedCode{Class: 5, Subject: subject, Detail: d}
			if e, ok := EnhancedOf(code); !ok || e.Code != code || e.Meaning == "" || e.Subject == "" {
				t.Errorf("EnhancedOf(%s) = %+v, %t", code, e, ok)
			}
		}
	}
	if len(enhanced()) != rows {
		t.Errorf("%d rows, want %d", len(enhanced()), rows)
	}
	for key, e := range enhanced() {
		if e.Reference == "" && key != (detail{7, 28}) {
			t.Errorf("%v has no RFC", key)
		}
		for _, n := range e.Basic {
			if _, ok := CodeOf(n); !ok {
				t.Errorf("%v is tied to %d, which is not in codes.tsv", key, n)
			}
		}
	}
}

func TestEnhancedOf(t *testing.T) {
	for _, c := range []struct {
		code, class, subject, meaning string
		basic                         []int
	}{
		{"5.7.8", "permanent", "security and policy", "user name or password refused", []int{535, 554}},
		{"4.2.2", "temporary", "mailbox", "the mailbox is full", []int{552}},
		{"2.1.5", "success", "addresses", "the recipient address is valid", []int{250}},
		{"5.7.30", "permanent", "security and policy", "TLS was required on the whole way and cannot be had",
			[]int{550}},
		{"5.7.139", "permanent", "security and policy", "", nil},
		{"5.9.1", "permanent", "", "", nil},
	} {
		e, ok := EnhancedOf(enhancedCode(t, c.code))
		if ok != (c.meaning != "") || !strings.HasPrefix(e.Class, c.class) || e.Subject != c.subject ||
			e.Meaning != c.meaning || !slices.Equal(e.Basic, c.basic) {
			t.Errorf("EnhancedOf(%s) = %+v, %t", c.code, e, ok)
		}
	}
	for _, code := range []smtp.EnhancedCode{{}, {Class: 3, Subject: 1, Detail: 1}, {Class: 5, Subject: -1}} {
		if e, ok := EnhancedOf(code); ok {
			t.Errorf("EnhancedOf(%v) = %+v", code, e)
		}
	}
}

func TestEnhancedOfGivesItsOwnSlice(t *testing.T) {
	code := smtp.EnhancedCode{Class: 5, Subject: 1, Detail: 1}
	first, _ := EnhancedOf(code)
	first.Basic[0] = 999
	if second, _ := EnhancedOf(code); second.Basic[0] == 999 {
		t.Error("a caller could write into the table")
	}
}

func TestEnhancedAt(t *testing.T) {
	for _, c := range []struct{ provider, code, holds string }{
		{Gmail, "4.7.23", "reverse DNS"}, {Gmail, "5.7.25", "reverse DNS"}, {Gmail, "5.7.26", "neither SPF nor DKIM"},
		{Gmail, "4.7.27", "SPF"}, {Gmail, "4.7.28", "unusual rate"}, {Gmail, "4.7.29", "not sent over TLS"},
		{Gmail, "5.7.30", "DKIM"}, {Gmail, "5.7.31", "DMARC"}, {Gmail, "5.7.40", "DMARC"}, {Gmail, "5.7.32",
			"matches neither"},
		{Gmail, "5.7.9", "app password"}, {Gmail, "5.7.14", "browser"},
		{Microsoft, "5.7.30", "OAuth"}, {Microsoft, "5.7.139", "not a wrong password"}, {Microsoft, "5.7.57",
			"not logged in"},
		{Microsoft, "5.7.60", "From address"}, {Microsoft, "5.2.252", "From address"}, {Microsoft, "5.7.68",
			"Direct Send"},
		{Microsoft, "5.7.3", "login refused"}, {Microsoft, "5.7.4", "not offered"}, {Microsoft, "4.7.66", "TLS 1.0"},
		{Microsoft, "4.7.320", "DANE"}, {Microsoft, "4.7.325", "DANE"}, {Microsoft, "4.4.316", "refused"},
		{Microsoft, "4.4.7", "expired"}, {Microsoft, "5.4.1", "does not exist"},
		{Microsoft, "5.7.500", "reputation"}, {Microsoft, "5.7.606", "banned"}, {Microsoft, "5.7.649", "banned"},
		{Microsoft, "5.7.650", "reputation"}, {Microsoft, "5.7.705", "tenant"}, {Microsoft, "5.7.750", "reputation"},
	} {
		got, ok := EnhancedAt(c.provider, enhancedCode(t, c.code))
		if !ok || got.Provider != c.provider || got.Source == "" || !strings.Contains(got.Meaning, c.holds) {
			t.Errorf("EnhancedAt(%s, %s) = %+v, %t; want %q in it", c.provider, c.code, got, ok, c.holds)
		}
	}
	for _, c := range []struct{ provider, code string }{
		{Gmail, "5.7.139"}, {Microsoft, "5.7.29"}, {Microsoft, "4.7.326"}, {Microsoft, "5.7.751"}, {Microsoft,
			"2.7.30"}, {"", "5.7.30"},
	} {
		if got, ok := EnhancedAt(c.provider, enhancedCode(t, c.code)); ok {
			t.Errorf("EnhancedAt(%s, %s) = %+v", c.provider, c.code, got)
		}
	}
}

// Two spans of one width that overlap would make the answer a matter of
// chance.
func TestProviderSpansNest(t *testing.T) {
	for a := range providerCodes() {
		if a.provider != Gmail && a.provider != Microsoft {
			t.Errorf("%v has no constant for its provider", a)
		}
		for b := range providerCodes() {
			code := smtp.EnhancedCode{Class: b.class, Subject: b.subject, Detail: b.firstDetail}
			if a != b && a.holds(b.provider, code) && (a.width() <= b.width() || b.detail > a.detail) {
				t.Errorf("%v and %v overlap and neither lies inside the other", a, b)
			}
		}
	}
}
