package remote

import (
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Names of the protocol; see the package's comment.
const (
	service    = "smtptest-probe"
	queue      = "probe"
	protocol   = 1
	root       = "smtptest.v1.probe."
	headerRun  = "Run-Id"
	headerEnd  = "Deadline"
	headerKind = "Kind"
	kindEvent  = "event"
	kindReport = "report"
	kindError  = "error"
)

var (
	vantageName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	runID       = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)
)

// RunSubject is where requests to a vantage point go.
func RunSubject(vantage string) string { return root + vantage + ".run" }

// CancelSubject is where a run is cancelled; the id may be "*".
func CancelSubject(vantage, id string) string { return root + vantage + ".cancel." + id }

func newID() string { return rand.Text() }

// Vantage is a place as the operator of the bot has set it up.
type Vantage struct {
	Name string     // 1 to 32 of a-z, 0-9 and "-"
	Key  *PublicKey // of its agents; nil: no login is sent there
}

// MaxVantages bounds what one command can start.
const MaxVantages = 64

// CheckName reports an error unless this is a name of a vantage point.
func CheckName(name string) error {
	if !vantageName.MatchString(name) {
		return errors.New("a vantage point is named by 1 to 32 of a-z, 0-9 and -")
	}
	return nil
}

// ParseVantages reads NAME or NAME=KEY, separated by blanks, commas or line ends.
// A line that begins with # is passed over. Its errors quote no key.
func ParseVantages(text string) ([]Vantage, error) {
	var all []Vantage
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
			name, key, sealed := strings.Cut(word, "=")
			v := Vantage{Name: name}
			err := CheckName(name)
			if err == nil && sealed {
				v.Key, err = ParsePublicKey(key)
			}
			switch {
			case err != nil:
				return nil, fmt.Errorf("entry %d: %w", len(all)+1, err)
			case seen[name]:
				return nil, fmt.Errorf("entry %d: it is listed twice", len(all)+1)
			case len(all) == MaxVantages:
				return nil, fmt.Errorf("more than %d vantage points", MaxVantages)
			}
			seen[name] = true
			all = append(all, v)
		}
	}
	return all, nil
}
