package probetest

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
)

// TestCaseFiles: what every file owes to the people who read it in the
// sandbox, and to whoever owns the names and addresses in it.
func TestCaseFiles(t *testing.T) {
	all, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			if !name.MatchString(c.Name) || len(c.Name) > 32 {
				t.Errorf("the name is not short, lower-case words with hyphens")
			}
			if !strings.HasSuffix(c.About, ".") || len(c.About) > 400 {
				t.Errorf("the story is not one to three sentences: %q", c.About)
			}
			if strings.Contains(c.About, "behaviour") || strings.Contains(c.About, " .") {
				t.Errorf("the story cites what its reader does not have, or has a blank before a full stop: %q", c.About)
			}
			if !documented(c.Request.Target.Host) {
				t.Errorf("%s is neither below example.test nor of a documentation range", c.Request.Target.Host)
			}
			if c.Findings == "" || c.Report == "" {
				t.Errorf("report or findings are missing")
			}
		})
	}
}

// documented reports a name or address that belongs to nobody (RFC 6761,
// RFC 5737, RFC 3849).
func documented(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host == "example.test" || strings.HasSuffix(host, ".example.test")
	}
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		if netip.MustParsePrefix(p).Contains(addr) {
			return true
		}
	}
	return false
}

func TestParseCaseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no target":        "# x\n-- dialogue --\nEOF\n",
		"unknown section":  "-- request --\ntarget: a.example.test:25\n-- finding --\n",
		"unknown key":      "-- request --\ntarget: a.example.test:25\nhelo: x\n",
		"no port":          "-- request --\ntarget: a.example.test\n",
		"unknown action":   "-- request --\ntarget: a.example.test:25\n-- dialogue --\nSAY: x\n",
		"unknown network":  "-- request --\ntarget: a.example.test:25\n-- network --\nROUTE: x\n",
		"unreadable limit": "-- request --\ntarget: a.example.test:25\ntimeout: soon\n",
	} {
		if _, err := ParseCase("x", []byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSandbox plays a healthy server and a refusal on real sockets.
func TestSandbox(t *testing.T) {
	all, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	wanted := []string{"good", "blocked"}
	var played []*Case
	for _, c := range all {
		if slices.Contains(wanted, c.Name) {
			played = append(played, c)
		}
	}
	s, err := NewSandbox(played)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range played {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		report, err := s.Prober(c.Name).Probe(ctx, c.Request, probe.Hooks{})
		cancel()
		if err != nil || len(report.Sessions) != 1 {
			t.Fatalf("%s: %d sessions, %v", c.Name, len(report.Sessions), err)
		}
		if failed := report.Sessions[0].Failure != nil; failed != (c.Name == "blocked") {
			t.Errorf("%s: %+v", c.Name, report.Sessions[0].Failure)
		}
	}
	if s.Prober("none") != nil || s.Address("none") != nil {
		t.Error("there is no case of that name")
	}
}
