package long

import (
	"flag"
	"testing"
)

// TestOnly runs a test that is only for -long without and with the flag.
func TestOnly(t *testing.T) {
	given := flag.Lookup("long").Value.String()
	t.Cleanup(func() { _ = flag.Set("long", given) })
	for value, want := range map[string]bool{"false": false, "true": true} {
		if err := flag.Set("long", value); err != nil {
			t.Fatal(err)
		}
		ran := false
		t.Run(value, func(t *testing.T) {
			Only(t)
			ran = true
		})
		if ran != want || Requested() != want {
			t.Errorf("-long=%s: ran is %t, requested is %t", value, ran, Requested())
		}
	}
}
