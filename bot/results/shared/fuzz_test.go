package shared

import (
	"bytes"
	"compress/flate"
	"testing"
)

// FuzzRow: whatever the servers give, a row that opens was sealed for this
// subject, and what does not open costs little.
func FuzzRow(f *testing.F) {
	k, _ := derive(key())
	sealed, _ := k.seal("runs.1", row{Replica: "a"})
	f.Add(sealed)
	f.Add(k.sealOctets("runs.1", []byte("no compression")))
	var bomb bytes.Buffer
	w, _ := flate.NewWriter(&bomb, flate.BestSpeed)
	_, _ = w.Write(make([]byte, 2*maxPlainBytes))
	_ = w.Close()
	f.Add(k.sealOctets("runs.1", bomb.Bytes()))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if r, err := k.open("runs.1", octets); err == nil && r.Replica != "a" {
			t.Errorf("%+v", r)
		}
		if back := times(octets); len(back) != len(octets)/8 {
			t.Errorf("%d times in %d octets", len(back), len(octets))
		} else if !bytes.Equal(write(back), octets[:len(octets)/8*8]) {
			t.Error("the times came back changed")
		}
	})
}
