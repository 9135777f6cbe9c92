package results

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"smtptest/bot/command"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/probetest"
	"smtptest/probe/smtp"
)

// TestRowsCanBeShared encodes and decodes each kind of row: nothing in one is
// lost, so another process could go on with it.
func TestRowsCanBeShared(t *testing.T) {
	cases, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"login-plain", "expired", "no-such-name"} {
		c := cases[slices.IndexFunc(cases, func(c *probetest.Case) bool { return c.Name == name })]
		report, err := probetest.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		r := Result{
			ID: NewID(), Place: here(), Person: "ada", Private: true, Command: asked(), Login: true,
			Judged: diagnosis.Judge(&report), Link: "https://chat.example.test/1", Ended: time.Now().UTC(),
		}
		roundTrip(t, name, r)
	}
	roundTrip(t, "running", Running{Key: RequestKey(here(), asked().Request), ID: NewID(), Link: "x", Dialled: true})
	roundTrip(t, "form", Form{ID: NewID(), Place: here(), Person: "ada", Command: asked(), Expires: time.Now().UTC()})
	roundTrip(t, "mark", Mark{MarkPress, "k"})
	claims := []Claim{
		{PerPerson, PersonKey(here(), "ada")}, {PerChannel, ChannelKey(here())},
		{PerAddress, AddressKey(netip.MustParseAddr("2001:db8::1"))}, {PerLoginAccount, AccountKey("mx.example.com", "ada")},
	}
	receipt, _ := NewMemoryLimiter(DefaultLimits()).Take(claims...)
	for i := range receipt {
		receipt[i].At = receipt[i].At.Round(0) // an encoding has no monotonic clock
	}
	roundTrip(t, "receipt", receipt)
	roundTrip(t, "refusal", Refusal{Claim: claims[0], Rate: Rate{5, time.Minute}, Wait: time.Second})
	roundTrip(t, "limits", DefaultLimits())
}

func asked() command.Command {
	return command.Command{
		Verb: command.VerbTest, PortGiven: true, Typed: "mx.example.com", Private: true, Profile: "relay",
		Request: probe.Request{
			Target: probe.Target{Host: "mx.example.com", Port: 25}, Security: probe.SecurityAuto, Family: probe.FamilyIP6,
			At: netip.MustParseAddr("2001:db8::1"), EHLOName: "client.example.com", Timeout: time.Second,
			Envelope: &probe.Envelope{To: &smtp.Mailbox{Local: "bob", Domain: "example.com"}},
		},
	}
}

func roundTrip[T any](t *testing.T, name string, row T) {
	t.Helper()
	encoded, err := json.Marshal(row)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var decoded T
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if !reflect.DeepEqual(decoded, row) {
		again, _ := json.Marshal(decoded)
		t.Errorf("%s: came back as\n%s\nof\n%s", name, again, encoded)
	}
}
