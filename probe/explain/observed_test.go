package explain

import (
	"os"
	"strings"
	"testing"

	"smtptest/probe/replies"
)

// observation is what a program wrote when the fault was made on purpose.
type observation struct {
	program string
	sample
}

// The samples of errors.txt and replies.txt are made up around the words of
// the tables; these texts were not made up, so that words which no program
// writes show here.
func TestObservedTexts(t *testing.T) {
	for _, o := range observations(t) {
		t.Run(o.program, func(t *testing.T) { checkSample(t, o.sample) })
	}
}

func TestObservationsOfEveryLibrary(t *testing.T) {
	count := map[string]int{}
	for _, o := range observations(t) {
		count[o.library]++
	}
	for _, l := range replies.Libraries() {
		if count[l] < 4 {
			t.Errorf("%d observed texts of %s", count[l], l)
		}
	}
}

func observations(t *testing.T) []observation {
	t.Helper()
	lines, err := os.ReadFile("testdata/observed.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []observation
	for line := range strings.SplitSeq(strings.TrimSpace(string(lines)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.SplitN(line, "|", 4)
		if len(cells) != 4 {
			t.Fatalf("%q has no four columns", line)
		}
		text := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(cells[3])
		out = append(out, observation{cells[0], sample{cells[1], replies.ID(cells[2]), text}})
	}
	return out
}
