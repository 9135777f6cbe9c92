package formatting

import (
	"strings"
	"testing"
	"time"

	"smtptest/probe"
)

// TestRefusalVerdicts: the head of a refusal says in three words whether to
// wait, to write it otherwise or to ask somebody.
func TestRefusalVerdicts(t *testing.T) {
	for _, c := range []struct {
		id   TextID
		tone Tone
		want string
	}{
		{RefusedPort, ToneRefused, "Not tested"},
		{SecretInChannel, ToneRefused, "I could not read that"},
		{LimitPerson, ToneRefused, "Not now"},
		{RunGone, ToneRefused, "Not possible"},
		{RunJoined, ToneWaiting, "Already running"},
		{FaultBusy, ToneRefused, "Not done"},
		{FaultInternal, ToneUnsure, "Not done"},
		{FaultStopped, ToneUnsure, "Stopped"},
	} {
		if m := Refusal(c.id); m.Verdict != c.want || m.Tone != c.tone {
			t.Errorf("%s is %q, %s; want %q, %s", c.id, m.Verdict, m.Tone, c.want, c.tone)
		}
	}
}

func TestNotice(t *testing.T) {
	m := Notice(PlaceNoThread)
	if m.Verdict != "" || m.Tone != "" || m.Fact != Say(PlaceNoThread).String() || len(m.Notes) > 0 {
		t.Errorf("got %+v", m)
	}
	if m := Notice(PlaceDirect); len(m.Notes) != 1 || m.Fact+" "+m.Notes[0] != Say(PlaceDirect).String() {
		t.Errorf("got %+v", m)
	}
}

func TestWindowsAndRates(t *testing.T) {
	for got, want := range map[string]string{
		Window(time.Minute): "the last minute", Window(time.Hour): "the last hour", Window(2 * time.Hour): "the last 2 hours",
		Window(10 * time.Minute): "the last 10 minutes",
		Rate(5, time.Minute):     "5 a minute", Rate(1, time.Hour): "1 an hour", Rate(3, 10*time.Minute): "3 in 10 minutes",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTranscriptFile(t *testing.T) {
	f := TranscriptFile(&probe.Report{
		Request:  probe.Request{Target: probe.Target{Host: "mx.example.test", Port: 25}},
		Sessions: []probe.Session{{Transcript: []probe.Entry{{Side: probe.SideServer, Text: "220 mx"}}}, {}},
	})
	if f.Name != "smtptest-transcript.txt" || !strings.HasSuffix(f.Title, "mx.example.test:25") {
		t.Errorf("got %+v", f)
	}
	if lines := strings.Split(f.Text, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[0], "Transcript ") ||
		lines[1] != legend || lines[2] != "    0.000 S  220 mx" {
		t.Errorf("got %q", f.Text)
	}
}
