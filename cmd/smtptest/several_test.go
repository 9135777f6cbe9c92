package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSeveral: many tests of one server, and two servers beside each other.
func TestSeveral(t *testing.T) {
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"good --repeat 3", exitWorking, "Works 3 times of 3"},
		{"expired --repeat 3", exitFailed, "Failed at TLS, 3 times of 3"},
		{"expired --repeat 3 --brief", exitFailed, "Who can fix it: the server's operators"},
		{"blocked --repeat 5", exitInconclusive, "2 of 5 tests, then the server refused twice in a row to talk"},
		{"compare good good", exitWorking, "No difference. Both: works: TLS tested"},
		{"compare good expired", exitFailed, "its verification verifies expired"},
		{"compare good ehlo-refused", exitFailed, "PIPELINING, SIZE 35882577 not seen"},
		{"compare good nobody", exitUsage, "No server of the sandbox has this name."},
	} {
		code, out, errOut := typed(t, t.Context(), "", append([]string{"sandbox"}, strings.Fields(tt.args)...)...)
		if text := strings.Join(strings.Fields(out+errOut), " "); code != tt.code || !strings.Contains(text, tt.says) {
			t.Errorf("%s: exit code %d\n%s%s", tt.args, code, out, errOut)
		}
	}
	for args, member := range map[string]string{"good --repeat 2": "tests", "compare good expired": "differences"} {
		_, out, _ := typed(t, t.Context(), "", append([]string{"sandbox"}, strings.Fields(args+" --json")...)...)
		var document map[string]json.RawMessage
		if err := json.Unmarshal([]byte(out), &document); err != nil || document[member] == nil {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
	}
}
