package diagnosis

import (
	"net/netip"
	"slices"
	"testing"

	"smtptest/probe"
)

func found(rules ...rule) []match {
	var out []match
	for _, e := range rules {
		out = append(out, match{rule: e})
	}
	return out
}

func ids(all []match) []ID {
	var out []ID
	for _, s := range all {
		out = append(out, s.rule.id)
	}
	return out
}

func TestACauseHidesItsConsequences(t *testing.T) {
	cause := rule{id: "a.cause", suppresses: []ID{"b.consequence", "c.other"}}
	consequence, other, free := rule{id: "b.consequence"}, rule{id: "c.other"}, rule{id: "d.free"}
	tests := []struct {
		name string
		in   []match
		want []ID
	}{
		{"cause first", found(cause, consequence, free), []ID{"a.cause", "d.free"}},
		{"cause last", found(consequence, free, cause), []ID{"d.free", "a.cause"}},
		{"two consequences", found(cause, consequence, other), []ID{"a.cause"}},
		{"no cause", found(consequence, other, free), []ID{"b.consequence", "c.other", "d.free"}},
		{"nothing", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ids(leaveOutConsequences(tt.in)); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestAChainIsSuppressedByItsFirstCause: what a consequence would suppress is a
// consequence of the cause too.
func TestAChainIsSuppressedByItsFirstCause(t *testing.T) {
	got := ids(leaveOutConsequences(found(
		rule{id: "a.a", suppresses: []ID{"b.b"}}, rule{id: "b.b", suppresses: []ID{"c.c"}}, rule{id: "c.c"})))
	if !slices.Equal(got, []ID{"a.a"}) {
		t.Errorf("got %v", got)
	}
}

// TestSuppressionIsSound: a rule suppresses rules that exist, never itself,
// and no two suppress each other, for then neither would be reported.
func TestSuppressionIsSound(t *testing.T) {
	suppresses := map[ID][]ID{}
	for _, e := range catalogue() {
		suppresses[e.id] = e.suppresses
	}
	for id, others := range suppresses {
		for _, other := range others {
			back, known := suppresses[other]
			if !known {
				t.Errorf("%s suppresses %s, which is not in the catalogue", id, other)
			}
			if slices.Contains(back, id) {
				t.Errorf("%s and %s suppress each other", id, other)
			}
		}
	}
}

// TestVerdictsOfShortReports: a verdict also where hardly anything was seen.
func TestVerdictsOfShortReports(t *testing.T) {
	session := func(f *probe.Failure) *probe.Report {
		return &probe.Report{Sessions: []probe.Session{{Failure: f}}}
	}
	tests := []struct {
		name   string
		report *probe.Report
		want   Outcome
		stage  probe.Phase
	}{
		{"working", session(nil), Working, ""},
		{
			"denied",
			&probe.Report{Lookup: probe.Lookup{Failure: &probe.Failure{Phase: probe.PhaseGuard, Kind: probe.KindDenied}}},
			NotTested, probe.PhaseGuard,
		},
		{
			"stopped before anything was seen",
			&probe.Report{Lookup: probe.Lookup{Failure: &probe.Failure{Phase: probe.PhaseLookup, Kind: probe.KindCanceled}}},
			NotTested, probe.PhaseLookup,
		},
		{
			"a kind that no rule knows", session(&probe.Failure{Phase: probe.PhaseEnvelope, Kind: "other"}), Failed,
			probe.PhaseEnvelope,
		},
		{
			"a command that cannot be sent",
			session(&probe.Failure{Phase: probe.PhaseEnvelope, Kind: probe.KindUnsendable, Detail: "MAIL not sent"}),
			Failed, probe.PhaseEnvelope,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Of(tt.report)
			if d.Verdict.Outcome != tt.want || d.Verdict.Stage != tt.stage {
				t.Errorf("got %s at %q", d.Verdict.Outcome, d.Verdict.Stage)
			}
		})
	}
}

func attempt(address string, kind probe.Kind) probe.Session {
	return probe.Session{
		Address: netip.AddrPortFrom(netip.MustParseAddr(address), 25),
		Failure: &probe.Failure{Phase: probe.PhaseConnect, Kind: kind},
	}
}

// TestWhatIsJudged: the session that says most about the server, not the one
// that this machine could not even begin.
func TestWhatIsJudged(t *testing.T) {
	ip4, ip6 := "192.0.2.10", "2001:db8::10"
	tests := []struct {
		name     string
		sessions []probe.Session
		want     int
	}{
		{"none", nil, -1},
		{"one", []probe.Session{attempt(ip4, probe.KindRefused)}, 0},
		{"the last", []probe.Session{attempt(ip4, probe.KindRefused), attempt(ip4, probe.KindTimeout)}, 1},
		{"not a variant", []probe.Session{attempt(ip4, probe.KindTimeout), {Variant: probe.VariantTLS}}, 0},
		{"not what has no route", []probe.Session{attempt(ip4, probe.KindRefused), attempt(ip6, probe.KindUnreachable)}, 0},
		{
			"unless there is nothing else",
			[]probe.Session{attempt(ip6, probe.KindUnreachable), attempt(ip6, probe.KindUnreachable)}, 1,
		},
		{
			"IPv4 without route counts",
			[]probe.Session{attempt(ip4, probe.KindRefused), attempt(ip4, probe.KindUnreachable)}, 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := judgedSession(&probe.Report{Sessions: tt.sessions}); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
