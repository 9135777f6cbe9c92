package main

import (
	"crypto/x509"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"smtptest/cmd/settings"
	"smtptest/probe"
	"smtptest/probe/dnssec"
	"smtptest/probe/guard"
	"smtptest/probe/remote"
	"smtptest/probe/remote/broker"
)

// variables are all that the environment may say, as it says it. The comment
// above each is its line in the operator's table.
type variables struct {
	// name of this vantage point, as the bot's SMTPTEST_VANTAGES has it
	Vantage string `env:"SMTPTEST_VANTAGE"`
	// where it stands, such as Hetzner, Falkenstein; the bot's operator reads it
	Network string `env:"SMTPTEST_NETWORK"`
	// NATS servers to dial, such as tls://nats.example.com:4222 or, where nothing else is let out,
	// wss://nats.example.com
	NATSURL string `env:"SMTPTEST_NATS_URL"`
	// file of this agent's nkey seed
	NATSNkey string `env:"SMTPTEST_NATS_NKEY_FILE"`
	// file of its NATS credentials instead: a user's JWT and seed
	NATSCreds string `env:"SMTPTEST_NATS_CREDS_FILE"`
	// PEM file of the authority behind those servers, instead of the system's
	NATSCA string `env:"SMTPTEST_NATS_CA_FILE"`
	// file of the key that logins are sealed to, made by -key; none: no login is tested here
	KeyFile string `env:"SMTPTEST_KEY_FILE"`

	// networks that may be tested beside the public ones, such as 10.1.0.0/16
	Networks string `env:"SMTPTEST_ALLOW_NETWORKS"`
	// ports that may be tested beside 25, 465, 587 and 2525
	Ports string `env:"SMTPTEST_ALLOW_PORTS"`
	// networks that are never tested, whatever else is listed
	Denied string `env:"SMTPTEST_DENY_NETWORKS"`
	// prefixes of this site's own NAT64 translators, so that the IPv4 address behind them is checked
	NAT64 string `env:"SMTPTEST_NAT64_PREFIX"`
	// name server to ask, such as 9.9.9.9 or 192.0.2.53:5353; none: the system's
	DNS string `env:"SMTPTEST_DNS"`
	// suffixes whose names are never looked up, beside .internal, .local, .corp, .lan and the like
	Suffixes string `env:"SMTPTEST_PRIVATE_SUFFIXES"`
	// host names without a dot or under a private suffix that may be tested; .corp.internal: all under it
	Hosts string `env:"SMTPTEST_ALLOW_HOSTS"`
	// name for EHLO; none: the address that the test comes from, such as [192.0.2.7]
	EHLOName string `env:"SMTPTEST_EHLO_NAME"`
	// two mail hosts and one for 443 that tell a blocked port from a silent server; off: none is asked
	ControlHosts string `env:"SMTPTEST_CONTROL_HOSTS" envDefault:"smtp.sendgrid.net,smtp.mailgun.org,dns.google"`
	// PEM file of private authorities to trust beside the system's
	CAFile string `env:"SMTPTEST_CA_FILE"`
	// file of DS or DNSKEY records that DNSSEC is proven by, instead of the root's keys
	TrustAnchors string `env:"SMTPTEST_TRUST_ANCHORS_FILE"`
	// true: senders and recipients may be tested from here, and whether mail is refused before STARTTLS
	Envelope string `env:"SMTPTEST_ENVELOPE" envDefault:"false"`

	// tests that run at the same time
	AtOnce string `env:"SMTPTEST_LIMIT_AT_ONCE" envDefault:"8"`
	// text or json, on standard error
	LogFormat string `env:"SMTPTEST_LOG_FORMAT" envDefault:"text"`
	// how long tests may go on after SIGTERM
	Grace string `env:"SMTPTEST_GRACE" envDefault:"20s"`
	// file that is there, and touched every ten seconds, while the agent is connected; -health looks at it
	HealthFile string `env:"SMTPTEST_HEALTH_FILE"`
}

// config is what the variables mean.
type config struct {
	vantage  string
	network  string
	broker   *broker.Connection // nil: none is set
	key      *remote.PrivateKey // nil: none is set
	policy   guard.Policy
	resolver probe.Resolver // nil: the system's
	ehloName string
	controls *probe.Controls // nil: off
	roots    *x509.CertPool  // nil: the system's alone
	anchors  dnssec.Anchors  // nil: the root's
	envelope bool
	atOnce   int
	json     bool // logs
	grace    time.Duration
	health   string // file; empty: none
}

// read reads the environment.
func read() (config, []error) {
	var v variables
	if err := env.Parse(&v); err != nil {
		return config{}, []error{settings.Say("environment", "cannot be read")}
	}
	r := &settings.Reader{Lookup: os.LookupEnv}
	c := config{
		vantage: v.Vantage, network: r.Line("SMTPTEST_NETWORK", v.Network),
		broker: r.Connection(settings.Broker{URL: v.NATSURL, Creds: v.NATSCreds, Nkey: v.NATSNkey, CA: v.NATSCA}),
		policy: r.Policy(settings.Network{
			Networks: v.Networks, Ports: v.Ports, Denied: v.Denied, NAT64: v.NAT64, Suffixes: v.Suffixes, Hosts: v.Hosts,
		}),
		resolver: r.Resolver(v.DNS), ehloName: r.HelloName(v.EHLOName), controls: r.Controls(v.ControlHosts),
		roots: r.Roots("SMTPTEST_CA_FILE", v.CAFile), anchors: r.Anchors(v.TrustAnchors),
		envelope: r.Yes("SMTPTEST_ENVELOPE", v.Envelope),
		json:     r.OneOf("SMTPTEST_LOG_FORMAT", v.LogFormat, "text", "json") == "json", grace: r.Grace(v.Grace),
		health: v.HealthFile,
	}
	c.atOnce = atOnce(r, v.AtOnce)
	c.key = key(r, v.KeyFile)
	required(r, v)
	strangers(r, os.Environ())
	return c, r.Problems
}

// required names what an agent cannot do without.
func required(r *settings.Reader, v variables) {
	if err := remote.CheckName(v.Vantage); err != nil {
		r.Wrong("SMTPTEST_VANTAGE", "is not set to a name: %s", err)
	}
	if v.NATSURL == "" {
		r.Wrong("SMTPTEST_NATS_URL", "is not set: an agent is asked over NATS and in no other way")
	}
	if v.NATSURL != "" && v.NATSNkey == "" && v.NATSCreds == "" {
		r.Wrong("SMTPTEST_NATS_NKEY_FILE", "is not set: an agent needs a key of its own, and smtptest-bot -keys makes it")
	}
}

func atOnce(r *settings.Reader, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 100 {
		r.Wrong("SMTPTEST_LIMIT_AT_ONCE", "is not a number from 1 to 100")
	}
	return n
}

func key(r *settings.Reader, file string) *remote.PrivateKey {
	if file == "" {
		return nil
	}
	k, err := readKey(file)
	if err != nil {
		r.Wrong("SMTPTEST_KEY_FILE", "names a file that cannot be used: %s", err)
	}
	return k
}

// strangers names variables with our prefix that this program does not know: one
// that is misspelt closes nothing.
func strangers(r *settings.Reader, environment []string) {
	known := map[string]bool{}
	for _, name := range names() {
		known[name] = true
	}
	for _, pair := range environment {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(strings.ToUpper(name), "SMTPTEST_") && !known[name] && !serviceLink.MatchString(name) {
			r.Wrong(name, "is not known; deploy/README.md lists the variables of an agent")
		}
	}
}

// Kubernetes sets these for each service of the namespace.
var serviceLink = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT(_[0-9]+_(TCP|UDP).*)?$`)

// memoryGoal is what the collector works for, not a bound.
const memoryGoal = 60 << 20 // bytes

// limitMemory sets it where the operator did not: GOMEMLIMIT is the Go
// runtime's own variable.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
}
