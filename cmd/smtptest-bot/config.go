package main

import (
	"crypto/x509"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"smtptest/bot"
	"smtptest/bot/profile"
	"smtptest/bot/results"
	"smtptest/cmd/settings"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/blocklist"
	"smtptest/probe/dnssec"
	"smtptest/probe/guard"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
)

// variables are all that the environment may say, as it says it. The comment
// above each is its line in the operator's table.
type variables struct {
	// bot token of the Slack app, xoxb-…
	SlackBotToken string `env:"SLACK_BOT_TOKEN,unset"`
	// file that holds it instead
	SlackBotTokenFile string `env:"SLACK_BOT_TOKEN_FILE"`
	// app-level token with connections:write, xapp-…
	SlackAppToken string `env:"SLACK_APP_TOKEN,unset"`
	// file that holds it instead
	SlackAppTokenFile string `env:"SLACK_APP_TOKEN_FILE"`
	// workspaces whose people may use the bot; none: its own
	SlackTeams string `env:"SLACK_ALLOWED_TEAMS"`
	// channels in which it may be used; none: all
	SlackChannels string `env:"SLACK_ALLOWED_CHANNELS"`
	// people who may use it; none: all of the workspace
	SlackUsers string `env:"SLACK_ALLOWED_USERS"`
	// another server in Slack's place, for tests and proxies; plain http on loopback only
	SlackAPIURL string `env:"SLACK_API_URL"`
	// true: Slack's newer blocks: TLS, capabilities and transcripts that can be folded, and tables
	SlackContainers string `env:"SLACK_CONTAINERS" envDefault:"false"`

	// bot token of the Discord application
	DiscordBotToken string `env:"DISCORD_BOT_TOKEN,unset"`
	// file that holds it instead
	DiscordBotTokenFile string `env:"DISCORD_BOT_TOKEN_FILE"`
	// id of the application; none: that of the token
	DiscordApplication string `env:"DISCORD_APPLICATION_ID"`
	// servers in which the command is registered; none: in all, and in direct messages
	DiscordRegisterIn string `env:"DISCORD_GUILD_IDS"`
	// servers in which the bot may be used; none: all, and direct messages
	DiscordGuilds string `env:"DISCORD_ALLOWED_GUILDS"`
	// channels in which it may be used, with their threads; none: all
	DiscordChannels string `env:"DISCORD_ALLOWED_CHANNELS"`
	// roles whose people may use it; none of these and no users: all
	DiscordRoles string `env:"DISCORD_ALLOWED_ROLES"`
	// people who may use it beside those roles
	DiscordUsers string `env:"DISCORD_ALLOWED_USERS"`
	// another server in Discord's place, for tests and proxies; plain http on loopback only
	DiscordAPIURL string `env:"DISCORD_API_URL"`
	// true: logins may be tested through a form in Discord; its Developer Policy forbids to ask for
	// credentials
	DiscordLoginForm string `env:"DISCORD_LOGIN_FORM" envDefault:"false"`
	// true: transcripts in colours, which some Discord clients show and some do not
	DiscordANSI string `env:"DISCORD_ANSI" envDefault:"false"`

	// networks that may be tested beside the public ones, such as 10.1.0.0/16
	Networks string `env:"SMTPTEST_ALLOW_NETWORKS"`
	// ports that may be tested beside 25, 465, 587 and 2525
	Ports string `env:"SMTPTEST_ALLOW_PORTS"`
	// networks that are never tested, whatever else is listed
	Denied string `env:"SMTPTEST_DENY_NETWORKS"`
	// prefixes of this site's own NAT64 translators, so that the IPv4 address behind them is checked
	NAT64 string `env:"SMTPTEST_NAT64_PREFIX"`
	// name server to ask, such as 9.9.9.9 or 192.0.2.53:5353; none: the system's. A public one knows no
	// private names
	DNS string `env:"SMTPTEST_DNS"`
	// suffixes whose names are never looked up, beside .internal, .local, .corp, .lan and the like
	Suffixes string `env:"SMTPTEST_PRIVATE_SUFFIXES"`
	// host names without a dot or under a private suffix that may be tested; .corp.internal: all under it
	Hosts string `env:"SMTPTEST_ALLOW_HOSTS"`
	// name for EHLO; none: the address that the test comes from, such as [192.0.2.7]
	EHLOName string `env:"SMTPTEST_EHLO_NAME"`
	// name of the place that tests come from, shown in answers
	Vantage string `env:"SMTPTEST_VANTAGE"`
	// two mail hosts and one for 443 that tell a blocked port from a silent server; off: none is asked
	ControlHosts string `env:"SMTPTEST_CONTROL_HOSTS" envDefault:"smtp.sendgrid.net,smtp.mailgun.org,dns.google"`
	// PEM file of private authorities to trust beside the system's
	CAFile string `env:"SMTPTEST_CA_FILE"`
	// file of DS or DNSKEY records that DNSSEC is proven by, instead of the root's keys.
	TrustAnchors string `env:"SMTPTEST_TRUST_ANCHORS_FILE"`
	// DNS block lists that domain asks about the servers' addresses, such as zen.spamhaus.org; none: it asks
	// none. The key in a customer's zone is not shown
	BlockLists string `env:"SMTPTEST_BLOCK_LISTS,unset"`
	// true: senders and recipients may be tested, and whether mail is refused before STARTTLS
	Envelope string `env:"SMTPTEST_ENVELOPE" envDefault:"false"`
	// the only hosts at which typed logins may be tested; none: any; off: no typed login at all
	LoginHost string `env:"SMTPTEST_LOGIN_HOSTS"`

	// servers of the engine behind vantage points and replicas, such as tls://nats.example.com:4222; none: there is
	// no engine, and none is needed. nats:// is TLS too, but on loopback
	NATSURL string `env:"SMTPTEST_NATS_URL"`
	// file of this bot's NATS credentials: a user's JWT and seed
	NATSCreds string `env:"SMTPTEST_NATS_CREDS_FILE"`
	// file of this bot's nkey seed instead
	NATSNkey string `env:"SMTPTEST_NATS_NKEY_FILE"`
	// PEM file of the authority behind those servers, instead of the system's
	NATSCA string `env:"SMTPTEST_NATS_CA_FILE"`

	// vantage points that tests can come from, each NAME, or NAME=KEY as its smtptest-agent -key prints it: typed
	// logins are sent only to those with a key
	Vantages string `env:"SMTPTEST_VANTAGES"`
	// file that lists them instead, one a line
	VantagesFile string `env:"SMTPTEST_VANTAGES_FILE"`

	// folder with one file for each login that people may use by name
	ProfilesDir string `env:"SMTPTEST_PROFILES_DIR"`

	// tests of one person, over all servers, workspaces and direct messages of a platform
	LimitPerson string `env:"SMTPTEST_LIMIT_PERSON" envDefault:"10/1m"`
	// tests of one person that run at the same time
	LimitPersonAtOnce string `env:"SMTPTEST_LIMIT_PERSON_AT_ONCE" envDefault:"2"`
	// tests in one channel
	LimitChannel string `env:"SMTPTEST_LIMIT_CHANNEL" envDefault:"30/1m"`
	// tests of one name, and of one address or IPv6 /64
	LimitTarget string `env:"SMTPTEST_LIMIT_TARGET" envDefault:"10/1m"`
	// logins at one host, at one address and for one account; twice as many at one provider and by one person
	LimitLogin string `env:"SMTPTEST_LIMIT_LOGIN" envDefault:"3/10m"`
	// recipients of one person
	LimitRecipients string `env:"SMTPTEST_LIMIT_RECIPIENTS" envDefault:"10/1h"`
	// tests that run at the same time
	LimitAtOnce string `env:"SMTPTEST_LIMIT_AT_ONCE" envDefault:"8"`

	// text or json, on standard error
	LogFormat string `env:"SMTPTEST_LOG_FORMAT" envDefault:"text"`
	// how long tests may go on after SIGTERM
	Grace string `env:"SMTPTEST_GRACE" envDefault:"20s"`

	// address of /healthz, /readyz and /metrics, such as 127.0.0.1:9587 or :9587; none: off
	AdminAddr string `env:"SMTPTEST_ADMIN_ADDR"`
	// servers that Prometheus may have tested by /probe?target= at that address, each HOST, HOST:PORT, or
	// .example.com for all under it; none: there is no /probe
	ProbeTargets string `env:"SMTPTEST_PROBE_TARGETS"`
	// true: /debug/pprof/ is there too; SMTPTEST_ADMIN_ADDR must be on loopback
	Profile string `env:"SMTPTEST_PPROF" envDefault:"false"`
	// set by systemd, which hears when commands are taken
	NotifySocket string `env:"NOTIFY_SOCKET,unset"`
}

// config is what the variables mean.
type config struct {
	slack    *slackConfig   // nil: no tokens are set
	discord  *discordConfig // nil: no token is set
	slackAPI string         // SLACK_API_URL, also without tokens; empty: Slack's own
	policy   guard.Policy
	resolver probe.Resolver // nil: the system's
	ehloName string
	vantage  string
	roots    *x509.CertPool // nil: the system's alone
	anchors  dnssec.Anchors // nil: the root's
	lists    []blocklist.Zone
	controls *probe.Controls // nil: off
	envelope bool
	logins   bot.Logins
	profiles bot.Profiles       // nil: none
	engine   *broker.Connection // nil: there is none
	vantages []remote.Vantage
	limits   results.Limits
	json     bool // logs
	grace    time.Duration

	adminAddr    string // empty: off
	probeTargets []string
	profile      bool
	notifySocket string // empty: nobody wants to hear

	warnings []error
}

// platforms are those that have tokens.
func (c config) platforms() []formatting.Platform {
	var all []formatting.Platform
	if c.slack != nil {
		all = append(all, formatting.Slack)
	}
	if c.discord != nil {
		all = append(all, formatting.Discord)
	}
	return all
}

// read reads the environment. Secrets are taken out of it.
func read() (config, []error) {
	var v variables
	if err := env.Parse(&v); err != nil {
		return config{}, []error{settings.Say("environment", "cannot be read")}
	}
	r := &reader{settings.Reader{Lookup: os.LookupEnv}}
	c := config{
		slack: r.slack(v), discord: r.discord(v), slackAPI: strings.TrimSuffix(v.SlackAPIURL, "/"),
		policy: r.Policy(settings.Network{
			Networks: v.Networks, Ports: v.Ports, Denied: v.Denied, NAT64: v.NAT64, Suffixes: v.Suffixes, Hosts: v.Hosts,
		}), resolver: r.Resolver(v.DNS),
		ehloName: r.HelloName(v.EHLOName), vantage: r.Line("SMTPTEST_VANTAGE", v.Vantage),
		roots:   r.Roots("SMTPTEST_CA_FILE", v.CAFile),
		anchors: r.Anchors(v.TrustAnchors), lists: r.BlockLists(v.BlockLists),
		envelope: r.Yes("SMTPTEST_ENVELOPE", v.Envelope), logins: r.logins(v.LoginHost), limits: r.limits(v),
		controls: r.Controls(v.ControlHosts),
		json:     r.OneOf("SMTPTEST_LOG_FORMAT", v.LogFormat, "text", "json") == "json", grace: r.Grace(v.Grace),
		adminAddr: r.adminAddr(v.AdminAddr), probeTargets: r.probeTargets(v), profile: r.profile(v),
		notifySocket: v.NotifySocket,
	}
	if c.discord == nil || !c.discord.loginForm {
		c.logins.OffOn = append(c.logins.OffOn, formatting.Discord)
	}
	c.profiles = r.profiles(v.ProfilesDir, c.policy)
	c.engine = r.Connection(settings.Broker{URL: v.NATSURL, Creds: v.NATSCreds, Nkey: v.NATSNkey, CA: v.NATSCA})
	c.vantages = r.vantages(v, c.engine != nil)
	c.warnings = append(r.strangers(os.Environ()), c.wide()...)
	return c, r.Problems
}

// reader also knows what only this program has.
type reader struct{ settings.Reader }

func (r *reader) logins(text string) bot.Logins {
	if strings.EqualFold(strings.TrimSpace(text), "off") {
		return bot.Logins{Off: true}
	}
	return bot.Logins{Hosts: r.Hosts("SMTPTEST_LOGIN_HOSTS", text)}
}

// profiles reads the folder. One that is wrong keeps the bot from starting: it
// would be missed when it is needed.
func (r *reader) profiles(folder string, p guard.Policy) bot.Profiles {
	if folder == "" {
		return nil
	}
	set, problems := profile.Read(folder, profile.Client(p))
	for _, p := range problems {
		r.Wrong("SMTPTEST_PROFILES_DIR", "%s", p)
	}
	return set
}

// memoryGoal is what the collector works for, not a bound: one result of a
// server with very long replies takes half a MiB until it is posted.
const memoryGoal = 120 << 20 // bytes

// limitMemory sets it where the operator did not: GOMEMLIMIT is the Go
// runtime's own variable.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
}
