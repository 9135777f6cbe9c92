package explain

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"smtptest/probe/registry"
	"smtptest/probe/replies"
)

// wording is what a server, a filter or a provider says.
type wording struct {
	report
	held bool // no rule was written by it
	at   replies.Place
}

func wordings(t *testing.T) []wording {
	t.Helper()
	table, err := os.ReadFile("testdata/servers.tsv")
	if err != nil {
		t.Fatal(err)
	}
	return registry.MustTable("servers.tsv", table, 6, func(c []string) (wording, error) {
		r := report{"", c[0], strings.ReplaceAll(c[5], `\n`, "\n"), registry.List(c[3], ",")}
		return wording{r, c[1] == "yes", replies.Place(c[2])}, nil
	})
}

// tally counts texts by what was made of them.
type tally struct{ right, open, wrong int }

// count adds a text that was named rightly, not named, or named wrongly.
func (n *tally) count(right, named bool) {
	switch {
	case right:
		n.right++
	case named:
		n.wrong++
	default:
		n.open++
	}
}

func (n tally) String() string {
	all := float64(max(n.right+n.open+n.wrong, 1)) / 100
	return fmt.Sprintf("%3d right (%.0f %%), %3d open, %3d wrong (%.0f %%)",
		n.right, float64(n.right)/all, n.open, n.wrong, float64(n.wrong)/all)
}

// TestServers measures, for texts of many servers, how many are named rightly
// at their place, as in a session, and pasted without it. An answer by class
// alone leaves it open. -v prints the figures; the floors keep them.
func TestServers(t *testing.T) {
	var placed, pasted, heldPlaced, heldPasted tally
	for _, w := range wordings(t) {
		at := At(w.at, w.text).Meaning
		of := Of(w.text).Meaning.ID
		named := at.ID != "" && at.Layer != replies.LayerClass
		placed.count(w.rightly(at.ID), named)
		pasted.count(w.rightly(of), of != "")
		if w.held {
			heldPlaced.count(w.rightly(at.ID), named)
			heldPasted.count(w.rightly(of), of != "")
		}
		if testing.Verbose() && (!w.rightly(at.ID) || !w.rightly(of)) {
			t.Logf("%-28s held %-5v %-8s want %v, got %s (%v), pasted %s: %.140q",
				w.source, w.held, w.at, w.ids, at.ID, at.Layer, of, w.text)
		}
	}
	t.Logf("at their place: %v; of those held out %v", placed, heldPlaced)
	t.Logf("pasted:         %v; of those held out %v", pasted, heldPasted)
	for _, n := range []struct {
		tally
		leastRight, mostWrong int
	}{{placed, 117, 6}, {heldPlaced, 34, 3}, {pasted, 110, 8}, {heldPasted, 31, 5}} {
		if n.right < n.leastRight || n.wrong > n.mostWrong {
			t.Errorf("%v; want at least %d right, at most %d wrong", n.tally, n.leastRight, n.mostWrong)
		}
	}
}
