package formatting

import (
	"strings"
	"testing"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/vantages"
)

// TestPlacesVerdict: what places saw, a letter each (works, Warns, fails, unsure,
// denied, missing), and how the verdict counts them.
func TestPlacesVerdict(t *testing.T) {
	outcomes := map[rune]diagnosis.Outcome{
		'w': diagnosis.Working, 'W': diagnosis.WithWarnings, 'f': diagnosis.Failed, 'u': diagnosis.Inconclusive,
		'd': diagnosis.NotTested,
	}
	names := []string{"", "berlin", "paris", "tokyo", "quito", "oslo"}
	for saw, want := range map[string]string{
		"www":    "Works from all 3 places",
		"wwm":    "Works from here and berlin",
		"wwwm":   "Works from all 3 places that answered",
		"WWW":    "Works with warnings from all 3 places",
		"wwf":    "Works from 2 of 3 places",
		"wwu":    "Works from 2 of 3 places, nothing known from paris",
		"wu":     "Works from here, nothing known from berlin",
		"wfuu":   "Works from 1 of 4 places, nothing known from 2",
		"wm":     "Works from here, the only place that answered",
		"ff":     "Fails from here and berlin",
		"fff":    "Fails from all 3 places",
		"ffm":    "Fails from here and berlin",
		"fffd":   "Fails from all 3 places that answered",
		"ffu":    "Fails from 2 of 3 places, nothing known from paris",
		"fuu":    "Fails from 1 of 3 places, nothing known from 2",
		"fu":     "Fails from here, nothing known from berlin",
		"fm":     "Fails from here, the only place that answered",
		"uu":     "Inconclusive from here and berlin",
		"uuu":    "Inconclusive from all 3 places",
		"um":     "Inconclusive from here, the only place that answered",
		"dm":     "Not tested",
		"wwwwwu": "Works from 5 of 6 places, nothing known from oslo",
	} {
		var places []vantages.Place
		for i, c := range saw {
			p := vantages.Place{Name: names[i], Absent: vantages.NotConnected}
			if o, ok := outcomes[c]; ok {
				p.Absent = vantages.Present
				p.Report = diagnosis.Judged{Report: &probe.Report{}, Diagnosis: diagnosis.Diagnosis{
					Verdict: diagnosis.Verdict{Outcome: o, Warnings: strings.Count(string(c), "W")},
				}}
			}
			places = append(places, p)
		}
		m := Places(vantages.Judge(probe.Target{Host: "mx.example.test", Port: 25}, places), Slack)
		if m.Verdict != want {
			t.Errorf("%s: %q, want %q", saw, m.Verdict, want)
		}
		if all := strings.Join(m.Notes, " "); strings.Contains(saw, "u") != strings.Contains(all, "Nothing is known from") {
			t.Errorf("%s: %s", saw, all)
		}
	}
}
