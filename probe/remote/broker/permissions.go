package broker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nkeys"
)

// BotInbox is what the subjects of answers to a bot begin with.
const BotInbox = "_INBOX_smtptest_bot"

// User is one who may connect, by the public half of an nkey.
type User struct {
	Name string // of a vantage point; empty: the bot, all its replicas
	Nkey string // public, U…
}

// Permissions is the part of nats.conf that says who may do what. An agent hears
// what is asked of its own vantage point, may answer that, and publishes nothing
// else; the bot has what it needs. Whoever is not listed does not connect.
func Permissions(bot User, agents []User) string {
	var b strings.Builder
	b.WriteString("# Who may connect, and do what. Written by smtptest-bot -keys.\nauthorization {\n  users = [\n")
	fmt.Fprintf(&b, `    # The bot, all its replicas.
    {
      nkey: %s
      permissions: {
        publish: { allow: [ "smtptest.v1.>", "$SRV.INFO.smtptest-probe",
          "$KV.limits.>", "$KV.seen.>", "$JS.API.>", "$JS.ACK.>" ] }
        subscribe: { allow: [ "%s.>", "smtptest.v1.replica.*" ] }
      }
    }
`, bot.Nkey, BotInbox)
	for _, a := range agents {
		fmt.Fprintf(&b, `    # The agents at %[2]s.
    {
      nkey: %[1]s
      permissions: {
        publish: { deny: ">" }
        subscribe: { allow: [ "smtptest.v1.probe.%[2]s.run probe", "smtptest.v1.probe.%[2]s.cancel.*",
          "$SRV.PING", "$SRV.INFO", "$SRV.STATS", "$SRV.*.smtptest-probe", "$SRV.*.smtptest-probe.*" ] }
        allow_responses: { max: 200, expires: "2m" }
      }
    }
`, a.Nkey, a.Name)
	}
	b.WriteString("  ]\n}\n")
	return b.String()
}

// Seed is the user whose nkey seed stands in a file, which is made unless it is
// there. Nobody but its owner can read it.
func Seed(folder, name string) (user string, err error) {
	file := filepath.Join(folder, name+".nkey")
	octets, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return newSeed(file)
	}
	if err != nil {
		return "", err
	}
	pair, err := nkeys.FromSeed([]byte(strings.TrimSpace(string(octets))))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, ErrSeed)
	}
	defer pair.Wipe()
	return pair.PublicKey()
}

func newSeed(file string) (string, error) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		return "", err
	}
	defer pair.Wipe()
	seed, err := pair.Seed()
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(file, append(seed, '\n'), 0o600); err != nil {
		return "", err
	}
	return pair.PublicKey()
}
