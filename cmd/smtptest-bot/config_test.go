package main

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"smtptest/bot/results"
	"smtptest/cmd/settings/settingstest"
	"smtptest/probe"
	"smtptest/probe/secret"
)

// with sets variables for one test, and takes all others of ours out.
func with(t *testing.T, pairs ...string) {
	t.Helper()
	settingstest.Set(t, fields(), pairs...)
}

// TestSetAndEmptyCloses: a template whose variable is unset must not open a
// list to everybody.
func TestSetAndEmptyCloses(t *testing.T) {
	for _, name := range []string{
		"SLACK_ALLOWED_TEAMS", "SLACK_ALLOWED_CHANNELS", "SLACK_ALLOWED_USERS", "DISCORD_GUILD_IDS",
		"DISCORD_ALLOWED_GUILDS", "DISCORD_ALLOWED_CHANNELS", "DISCORD_ALLOWED_ROLES", "DISCORD_ALLOWED_USERS",
		"SMTPTEST_LOGIN_HOSTS", "SMTPTEST_ALLOW_HOSTS", "SMTPTEST_ALLOW_PORTS", "SMTPTEST_ALLOW_NETWORKS",
	} {
		for _, value := range []string{"", " ", ","} {
			with(t, "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1", name, value)
			if _, problems := read(); len(problems) != 1 || !strings.Contains(problems[0].Error(), name+": is set and lists") {
				t.Errorf("%s=%q: %v", name, value, problems)
			}
		}
	}
}

// TestVariablesThatAreNotKnown: what was probably meant to be one of ours keeps
// the bot from starting, because a list that is misspelt closes nothing.
func TestVariablesThatAreNotKnown(t *testing.T) {
	for _, tt := range []struct{ name, problem, warning string }{
		{"SMTPTEST_ALLOW_NETWORK", "did you mean SMTPTEST_ALLOW_NETWORKS?", ""},
		{"SLACK_ALLOWED_USER", "did you mean SLACK_ALLOWED_USERS?", ""},
		{"SLACK_TOKEN", "did you mean SLACK_BOT_TOKEN?", ""},
		{"DISCORD_GUILDS", "did you mean DISCORD_ALLOWED_GUILDS?", ""},
		{"SMTPTEST_TYPO", "deploy/README.md lists the variables", ""},
		{"SLACK_WEBHOOK_URL", "", "is not known to this program"},
		{"SMTPTEST_BOT_SERVICE_HOST", "", ""},
		{"SMTPTEST_BOT_PORT_9587_TCP_ADDR", "", ""},
		{"slack_allowed_users", "did you mean SLACK_ALLOWED_USERS?", ""},
		{"PATH", "", ""},
	} {
		r := &reader{}
		warnings := r.strangers([]string{tt.name + "=hunter2", "SLACK_BOT_TOKEN=xoxb-1"})
		for _, got := range []struct {
			said []error
			want string
		}{{r.Problems, tt.problem}, {warnings, tt.warning}} {
			said := fmt.Sprint(got.said)
			if (len(got.said) > 0) != (got.want != "") || !strings.Contains(said, got.want) ||
				strings.Contains(said, "hunter2") {
				t.Errorf("%s: %s, want %q", tt.name, said, got.want)
			}
		}
	}
}

// TestWhatIsOpen: -check says to whom, and what.
func TestWhatIsOpen(t *testing.T) {
	tokens := []string{"SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1", "DISCORD_BOT_TOKEN", "a.b.c"}
	for _, tt := range []struct {
		pairs                 []string
		slack, discord, tests string
	}{
		{nil, "everybody of this workspace, in all its channels",
			"everybody, in every server that it is in and in direct messages, in all channels",
			"public addresses alone, on ports 25, 465, 587, 2525; typed logins at every host; senders and recipients: false"},
		{[]string{"SLACK_ALLOWED_USERS", "U1,U2", "SLACK_ALLOWED_TEAMS", "T1", "SLACK_ALLOWED_CHANNELS", "C1",
			"DISCORD_ALLOWED_GUILDS", "100000000000000001", "DISCORD_ALLOWED_ROLES", "100000000000000001",
			"SMTPTEST_ALLOW_NETWORKS", "10.0.0.0/8", "SMTPTEST_ALLOW_PORTS", "1025", "SMTPTEST_LOGIN_HOSTS", "off",
			"SMTPTEST_ENVELOPE", "true"},
			"2 listed person(s) of 1 listed workspace(s), in 1 listed channel(s)",
			"1 listed role or person(s), in 1 listed server(s), in all channels",
			"public addresses and 10.0.0.0/8, on ports 25, 465, 587, 2525, 1025; typed logins at no host; " +
				"senders and recipients: true"},
	} {
		with(t, append(tokens, tt.pairs...)...)
		c, problems := read()
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if c.slack.open() != tt.slack || c.discord.open() != tt.discord || !strings.Contains(c.opens(), tt.tests) {
			t.Errorf("%s\n%s\n%s", c.slack.open(), c.discord.open(), c.opens())
		}
	}
}

func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		arg, says string
		code      int
	}{
		{"-h", "It is configured by its environment alone", exitStopped},
		{"foo", "takes no arguments", exitUsage},
		{"-frobnicate", "Begin with -check", exitUsage},
	} {
		with(t)
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{tt.arg}, &out, &errOut); code != tt.code ||
			!strings.Contains(errOut.String(), tt.says) {
			t.Errorf("%s: exit code %d, said %q", tt.arg, code, errOut.String())
		}
	}
}

func fields() []settingstest.Field { return settingstest.Fields(reflect.TypeFor[variables]()) }

func TestDefaults(t *testing.T) {
	with(t, "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1")
	c, problems := read()
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if c.limits != results.DefaultLimits() {
		t.Errorf("limits %+v, want %+v", c.limits, results.DefaultLimits())
	}
	if !reflect.DeepEqual(c.controls, probe.DefaultControls()) {
		t.Errorf("control hosts %+v", c.controls)
	}
	if c.slack == nil || c.envelope || c.json || c.grace != 20*time.Second || c.logins.Off ||
		len(c.policy.Networks)+len(c.policy.Ports) > 0 {
		t.Errorf("got %+v", c)
	}
	if os.Getenv("SLACK_BOT_TOKEN") != "" || os.Getenv("SLACK_APP_TOKEN") != "" {
		t.Error("a token is still in the environment")
	}
	if text := fmt.Sprintf("%+v %#v", c.slack, c.slack); strings.Contains(text, "xoxb-1") {
		t.Errorf("the token shows: %s", text)
	}
}

// TestPolicy: the variables of the network become the guard's policy.
func TestPolicy(t *testing.T) {
	with(t, "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1",
		"SMTPTEST_ALLOW_HOSTS", "mail Smtp.Corp.Internal .k8s.local", "SMTPTEST_PRIVATE_SUFFIXES", "dc7.example.com",
		"SMTPTEST_DENY_NETWORKS", "8.8.8.0/24", "SMTPTEST_NAT64_PREFIX", "2606:4705::/96",
		"SMTPTEST_DNS", "[2620:fe::fe]:5353")
	c, problems := read()
	if len(problems) > 0 || c.resolver == nil {
		t.Fatal(problems)
	}
	for host, open := range map[string]bool{
		"mail": true, "smtp.corp.internal": true, "a.k8s.local": true, "db.dc7.example.com": false, "other": false,
		"vault.corp.internal": false, "smtp.example.com": true,
	} {
		if got := c.policy.CheckName(host) == nil; got != open {
			t.Errorf("%s: may be looked up: %t", host, got)
		}
	}
	for _, address := range []string{"8.8.8.8:25", "[2606:4705::8.8.8.8]:25", "[2606:4705::10.1.2.3]:25"} {
		if c.policy.Check(netip.MustParseAddrPort(address)) == nil {
			t.Errorf("%s may be dialled", address)
		}
	}
	if hosts := handler(c).Hosts; len(hosts) != 1 || hosts[0] != "mail" {
		t.Errorf("hosts without a dot: %q", hosts)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("xoxb-fromfile\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	with(t, "SLACK_BOT_TOKEN_FILE", file, "SLACK_APP_TOKEN", " xapp-1 ")
	c, problems := read()
	if len(problems) > 0 || c.slack.botToken.Reveal() != "xoxb-fromfile" || c.slack.appToken.Reveal() != "xapp-1" {
		t.Errorf("%v, %q", problems, c.slack.botToken.Reveal())
	}
}

// TestWhatIsWrong: one line each that names the variable, never its value.
func TestWhatIsWrong(t *testing.T) {
	const secretValue = "hunter2hunter2"
	for _, tt := range []struct{ variable, value, says string }{
		{"SLACK_BOT_TOKEN", secretValue, "SLACK_BOT_TOKEN: is not a bot token"},
		{"SLACK_APP_TOKEN", "xoxb-" + secretValue, "SLACK_APP_TOKEN: is not an app-level token"},
		{"SLACK_APP_TOKEN", "", "SLACK_APP_TOKEN: is missing"},
		{"SLACK_APP_TOKEN_FILE", "/" + secretValue, "SLACK_APP_TOKEN: and SLACK_APP_TOKEN_FILE are both set"},
		{"SLACK_ALLOWED_TEAMS", "C0123", "SLACK_ALLOWED_TEAMS: lists what is not an id"},
		{"SLACK_ALLOWED_USERS", ", ,", "SLACK_ALLOWED_USERS: is set and lists nothing"},
		{"SMTPTEST_CONTROL_HOSTS", "mail.example.com", "SMTPTEST_CONTROL_HOSTS: is neither off nor three host names"},
		{"SMTPTEST_CONTROL_HOSTS", "a b/c d", "SMTPTEST_CONTROL_HOSTS: lists what is not a host name"},
		{"SMTPTEST_LOGIN_HOSTS", ",", "SMTPTEST_LOGIN_HOSTS: is set and lists nothing"},
		{"SLACK_ALLOWED_CHANNELS", "C1,#incidents", "SLACK_ALLOWED_CHANNELS: lists what is not an id, as entry 2"},
		{"SLACK_API_URL", "http://slack.example.com", "SLACK_API_URL: begins with http:"},
		{"SLACK_API_URL", "https://slack.example.com/api/", "SLACK_API_URL: ends in /api/, which this program adds itself"},
		{"DISCORD_API_URL", "https://discord.example.com/api/v9", "DISCORD_API_URL: ends in /api/v9, which"},
		{"SLACK_API_URL", secretValue, "SLACK_API_URL: is not an address"},
		{"DISCORD_BOT_TOKEN", "Bot " + secretValue, "DISCORD_BOT_TOKEN: is not a bot token"},
		{"DISCORD_APPLICATION_ID", "123456789012345678 123456789012345679", "DISCORD_APPLICATION_ID: lists more than one id"},
		{"DISCORD_GUILD_IDS", "my server", "DISCORD_GUILD_IDS: lists what is not an id"},
		{"DISCORD_ALLOWED_GUILDS", secretValue, "DISCORD_ALLOWED_GUILDS: lists what is not an id"},
		{"DISCORD_ALLOWED_CHANNELS", "#incidents", "DISCORD_ALLOWED_CHANNELS: lists what is not an id"},
		{"DISCORD_ALLOWED_ROLES", "1", "DISCORD_ALLOWED_ROLES: lists what is not an id"},
		{"DISCORD_ALLOWED_USERS", "@ada", "DISCORD_ALLOWED_USERS: lists what is not an id"},
		{"DISCORD_API_URL", "http://discord.example.com", "DISCORD_API_URL: begins with http:"},
		{"DISCORD_LOGIN_FORM", "perhaps", "DISCORD_LOGIN_FORM: is neither true nor false"},
		{"SLACK_CONTAINERS", "perhaps", "SLACK_CONTAINERS: is neither true nor false"},
		{"DISCORD_ANSI", "perhaps", "DISCORD_ANSI: is neither true nor false"},
		{"SMTPTEST_ALLOW_NETWORKS", "10.1.2.3/16", "SMTPTEST_ALLOW_NETWORKS: lists what is not a network"},
		{"SMTPTEST_ALLOW_PORTS", "25,0", "SMTPTEST_ALLOW_PORTS: lists what is not a port"},
		{"SMTPTEST_ALLOW_HOSTS", "mail a..b", "SMTPTEST_ALLOW_HOSTS: lists what is not a host name"},
		{"SMTPTEST_DENY_NETWORKS", "8.8.8.8/24", "SMTPTEST_DENY_NETWORKS: lists what is not a network"},
		{"SMTPTEST_NAT64_PREFIX", "2001:db8::/33", "SMTPTEST_NAT64_PREFIX: lists a prefix that is not one of"},
		{"SMTPTEST_DNS", "dns.example.com", "SMTPTEST_DNS: is not a name server"},
		{"SMTPTEST_PRIVATE_SUFFIXES", ".", "SMTPTEST_PRIVATE_SUFFIXES: lists what is not a host name"},
		{"SMTPTEST_EHLO_NAME", "192.0.2.1", "SMTPTEST_EHLO_NAME: is neither"},
		{"SMTPTEST_VANTAGE", "\x1b[31m", "SMTPTEST_VANTAGE: is longer"},
		{"SMTPTEST_CA_FILE", "/" + secretValue, "SMTPTEST_CA_FILE: names a file that cannot be read"},
		{"SMTPTEST_ENVELOPE", "perhaps", "SMTPTEST_ENVELOPE: is neither true nor false"},
		{"SMTPTEST_LIMIT_PERSON", "5", "SMTPTEST_LIMIT_PERSON: is not a rate"},
		{"SMTPTEST_LIMIT_TARGET", "0/1m", "SMTPTEST_LIMIT_TARGET: is not a rate"},
		{"SMTPTEST_LIMIT_PERSON_AT_ONCE", "many", "SMTPTEST_LIMIT_PERSON_AT_ONCE: is not a number"},
		{"SMTPTEST_LIMIT_AT_ONCE", "0", "SMTPTEST_LIMIT_AT_ONCE: is not a number"},
		{"SMTPTEST_LOG_FORMAT", "xml", "SMTPTEST_LOG_FORMAT: is none of text, json"},
		{"SMTPTEST_ADMIN_ADDR", "9587", "SMTPTEST_ADMIN_ADDR: is not an address"},
		{"SMTPTEST_ADMIN_ADDR", "admin.example.com:9587", "SMTPTEST_ADMIN_ADDR: is not an address"},
		{"SMTPTEST_PPROF", "true", "SMTPTEST_PPROF: is true, while SMTPTEST_ADMIN_ADDR is not on loopback"},
		{"SMTPTEST_PROFILES_DIR", "/" + secretValue, "SMTPTEST_PROFILES_DIR: the folder of profiles cannot be read"},
		{"SMTPTEST_GRACE", "1h", "SMTPTEST_GRACE: is not a time"},
	} {
		t.Run(tt.variable, func(t *testing.T) {
			with(t, "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1", tt.variable, tt.value)
			if tt.value == "" {
				os.Unsetenv(tt.variable)
			}
			var out, errOut bytes.Buffer
			stopped, cancel := context.WithCancel(t.Context())
			cancel() // a configuration that passes must not begin to serve
			code := run(stopped, nil, &out, &errOut)
			lines := strings.Split(strings.TrimSpace(errOut.String()), "\n")
			if code != exitConfig || len(lines) != 1 || !strings.HasPrefix(lines[0], tt.says) {
				t.Errorf("exit code %d, said %q, want %q", code, errOut.String(), tt.says)
			}
			if strings.Contains(errOut.String(), secretValue) {
				t.Errorf("the value is repeated: %s", errOut.String())
			}
		})
	}
}

// TestKeyOfButtons: the same with the same tokens, so that buttons outlive a
// restart, and another with others.
func TestKeyOfButtons(t *testing.T) {
	key := func(slack, discord string) string {
		c := config{slack: &slackConfig{botToken: secret.New(slack)}, discord: &discordConfig{botToken: secret.New(discord)}}
		return string(c.buttonKey())
	}
	one := key("a", "b")
	if len(one) != 32 || one != key("a", "b") || one == key("ab", "") || one == key("a", "c") {
		t.Errorf("%d octets", len(one))
	}
}

// TestWideSettingsAreSaid: what opens everything is obeyed, and said at the start.
func TestWideSettingsAreSaid(t *testing.T) {
	with(t, "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1", "SMTPTEST_ALLOW_NETWORKS",
		"0.0.0.0/0, ::/0, 10.0.0.0/8", "SMTPTEST_ALLOW_PORTS", "22, 1025", "SMTPTEST_LIMIT_PERSON",
		"1000000/1s", "SMTPTEST_LIMIT_LOGIN", "86401/24h")
	c, problems := read()
	said := fmt.Sprint(c.warnings)
	for _, want := range []string{"lists 0.0.0.0/0:", "lists ::/0:", "lists 22, the port of SSH",
		"SMTPTEST_LIMIT_PERSON: is 1000000 in 1s, more than one a second", "SMTPTEST_LIMIT_LOGIN: is 86401 in 24h0m0s"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	if len(problems) > 0 || len(c.warnings) != 5 {
		t.Errorf("%v, %d warnings: %s", problems, len(c.warnings), said)
	}
	with(t, "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1")
	if c, _ := read(); len(c.warnings) > 0 {
		t.Errorf("the defaults are warned of: %v", c.warnings)
	}
}

func TestSwappedTokens(t *testing.T) {
	with(t, "SLACK_BOT_TOKEN", "xapp-1", "SLACK_APP_TOKEN", "xoxb-1")
	if _, problems := read(); len(problems) != 1 || !strings.Contains(problems[0].Error(), "swap them") {
		t.Error(problems)
	}
}

func TestNothingToDo(t *testing.T) {
	with(t)
	var out, errOut bytes.Buffer
	if code := run(t.Context(), nil, &out, &errOut); code != exitConfig ||
		!strings.Contains(errOut.String(), "no platform to answer on") {
		t.Errorf("exit code %d, said %q", code, errOut.String())
	}
	if code := run(t.Context(), []string{"-version"}, &out, &errOut); code != exitStopped ||
		!strings.HasPrefix(out.String(), "smtptest-bot ") {
		t.Errorf("exit code %d, said %q", code, out.String())
	}
}

// TestREADMEHasTheTable compares the operator's table of variables with config.go.
func TestREADMEHasTheTable(t *testing.T) { settingstest.HoldTable(t, "Configuration", fields()) }
