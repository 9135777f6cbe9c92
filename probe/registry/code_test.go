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
