package smtp

import (
	"bytes"
	"io"
	"slices"
	"testing"
)

// FuzzReadReply reads octets as replies until they end, once in one piece
// and once in pieces of other sizes. Both must give the same, and nothing
// may grow beyond its bound.
func FuzzReadReply(f *testing.F) {
	for _, tt := range replies {
		f.Add([]byte(tt.in), []byte{0})
		f.Add([]byte(tt.in+"250 next\r\n"), []byte{3, 0, 17})
	}
	for _, tt := range misreplies {
		f.Add([]byte(tt.in), []byte{1, 2})
	}
	f.Add([]byte(ehlo), []byte{255})
	f.Fuzz(func(t *testing.T, data, pace []byte) {
		whole, wholeErr := readAll(t, data, nil)
		pieces, piecesErr := readAll(t, data, pace)
		if !slices.EqualFunc(whole, pieces, sameReply) || wholeErr != piecesErr {
			t.Errorf("in one piece %v, %s; in pieces %v, %s", whole, wholeErr, pieces, piecesErr)
		}
	})
}

// readAll reads replies until the first error, which it puts into words.
func readAll(t *testing.T, data, pace []byte) ([]Reply, string) {
	t.Helper()
	stream := &wire{chunks: chunks(string(data), pace), end: io.EOF}
	c := NewConn(stream, still, &recording{})
	var all []Reply
	for {
		before := stream.taken
		r, err := c.ReadReply()
		checkReply(t, &r, err)
		if stream.taken-before > MaxReplyOctets+2*MaxLineOctets {
			t.Errorf("%d octets read for one reply", stream.taken-before)
		}
		all = append(all, r)
		if err != nil {
			return all, err.Error()
		}
	}
}

// checkReply checks one reply against what the types promise.
func checkReply(t *testing.T, r *Reply, err error) {
	t.Helper()
	checkBounds(t, r)
	if err == nil && (len(r.Lines) == 0 || r.Code < 200 || r.Code > 599 || !r.Lines[len(r.Lines)-1].final()) {
		t.Errorf("accepted %+v", r)
	}
	for i, l := range r.Lines {
		if Printable([]byte(l.Text)) != l.Text {
			t.Errorf("text %q is not printable", l.Text)
		}
		if err == nil && (l.Code != 0 && l.Code != r.Code || l.final() != (i == len(r.Lines)-1)) {
			t.Errorf("line %d of %q", i+1, r.String())
		}
		if l.Raw == nil && !plainASCII([]byte(l.String())) {
			t.Errorf("no octets kept of %q", l.Text)
		}
	}
	for i, o := range r.Deviations {
		if slices.Contains(r.Deviations[:i], o) || o.Words() == "" {
			t.Errorf("deviations %v", r.Deviations)
		}
	}
}

func sameReply(a, b Reply) bool {
	return a.Code == b.Code && a.Enhanced == b.Enhanced && slices.Equal(a.Deviations, b.Deviations) &&
		slices.EqualFunc(a.Lines, b.Lines, func(a, b Line) bool {
			return a.Code == b.Code && a.More == b.More && a.Text == b.Text && bytes.Equal(a.Raw, b.Raw)
		})
}
