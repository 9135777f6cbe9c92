package shared

import (
	"bytes"
	"compress/flate"
	"smtptest/bot/sealed"
	"testing"
)

// FuzzRow: whatever the servers give, a row that opens was box for this
// subject, and what does not open costs little.
func FuzzRow(f *testing.F) {
	k, _ := sealed.Derive(key(), "rows")
	box, _ := sealRow(k, "runs.1", row{Replica: "a"})
	f.Add(box)
	f.Add(k.Seal("runs.1", []byte("no compression")))
	var bomb bytes.Buffer
	w, _ := flate.NewWriter(&bomb, flate.BestSpeed)
	_, _ = w.Write(make([]byte, 2*maxPlainBytes))
	_ = w.Close()
	f.Add(k.Seal("runs.1", bomb.Bytes()))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if r, err := openRow(k, "runs.1", octets); err == nil && r.Replica != "a" {
			t.Errorf("%+v", r)
		}
		if back := times(octets); len(back) != len(octets)/8 {
			t.Errorf("%d times in %d octets", len(back), len(octets))
		} else if !bytes.Equal(write(back), octets[:len(octets)/8*8]) {
			t.Error("the times came back changed")
		}
	})
}
