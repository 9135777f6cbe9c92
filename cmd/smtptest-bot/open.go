package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/cmd/settings"
	"smtptest/probe/guard"
)

// open says to whom the bot is open in Slack, and where.
func (s *slackConfig) open() string {
	return fmt.Sprintf("%s of %s, in %s", listed(s.users, "person", "everybody"),
		listed(s.teams, "workspace", "this workspace"), listed(s.channels, "channel", "all its channels"))
}

// open is the same for Discord.
func (d *discordConfig) open() string {
	people := append(append([]string(nil), d.roles...), d.people...)
	return fmt.Sprintf("%s, in %s, in %s", listed(people, "role or person", "everybody"),
		listed(d.guilds, "server", "every server that it is in and in direct messages"),
		listed(d.channels, "channel", "all channels"))
}

// listed says how much of something is listed, or what holds without a list.
func listed(all []string, one, otherwise string) string {
	if len(all) == 0 {
		return otherwise
	}
	return fmt.Sprintf("%d listed %s(s)", len(all), one)
}

// opens says what may be tested.
func (c config) opens() string {
	ports := make([]string, 0, 8)
	for _, p := range append(guard.DefaultPorts(), c.policy.Ports...) {
		ports = append(ports, strconv.Itoa(int(p)))
	}
	networks := "public addresses alone"
	if len(c.policy.Networks) > 0 {
		networks = "public addresses and " + strings.Trim(fmt.Sprint(c.policy.Networks), "[]")
	}
	logins := listed(c.logins.Hosts, "host", "every host")
	if c.logins.Off {
		logins = "no host"
	}
	return fmt.Sprintf("What may be tested: %s, on ports %s; typed logins at %s; senders and recipients: %t.",
		networks, strings.Join(ports, ", "), logins, c.envelope)
}

// wide says which settings open more than was probably meant. They are obeyed.
func (c config) wide() (warnings []error) {
	warn := func(variable, format string, args ...any) {
		warnings = append(warnings, settings.Say(variable, fmt.Sprintf(format, args...)))
	}
	for _, p := range c.policy.Networks {
		if p.Bits() == 0 {
			warn("SMTPTEST_ALLOW_NETWORKS", "lists %s: everybody who may type reaches every address that this machine "+
				"reaches, itself and its neighbours too; only the metadata services of clouds stay closed", p)
		}
	}
	for _, p := range c.policy.Ports {
		if service, ok := otherServices()[p]; ok {
			warn("SMTPTEST_ALLOW_PORTS", "lists %d, the port of %s: people can find out with it where that is open, "+
				"and what it says first", p, service)
		}
	}
	for variable, rate := range map[string]results.Rate{
		"SMTPTEST_LIMIT_PERSON": c.limits.Person, "SMTPTEST_LIMIT_CHANNEL": c.limits.Channel,
		"SMTPTEST_LIMIT_TARGET": c.limits.Target, "SMTPTEST_LIMIT_LOGIN": c.limits.Login,
		"SMTPTEST_LIMIT_RECIPIENTS": c.limits.Recipients,
	} {
		if rate.Per > 0 && time.Duration(rate.Most) > mostPerHour*rate.Per/time.Hour {
			warn(variable, "is %d in %s, more than one a second: it limits nobody", rate.Most, rate.Per)
		}
	}
	slices.SortStableFunc(warnings, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return warnings
}

// mostPerHour is what nobody asks for by hand: one a second.
const mostPerHour = 3600

// otherServices are ports on which no mail is submitted, of services that
// somebody might look for (Service Name and Transport Protocol Port Number
// Registry of IANA).
func otherServices() map[uint16]string {
	return map[uint16]string{
		22: "SSH", 23: "Telnet", 53: "DNS", 80: "HTTP", 110: "POP3", 111: "RPC", 135: "RPC", 139: "NetBIOS", 143: "IMAP",
		389: "LDAP", 443: "HTTPS", 445: "SMB", 636: "LDAPS", 993: "IMAPS", 995: "POP3S", 1433: "SQL Server", 2049: "NFS",
		2375: "Docker", 2379: "etcd", 3306: "MySQL", 3389: "RDP", 5432: "PostgreSQL", 5900: "VNC", 6379: "Redis",
		6443: "Kubernetes", 8080: "HTTP", 9200: "Elasticsearch", 10250: "Kubernetes", 11211: "memcached",
		27017: "MongoDB",
	}
}

// strangers are variables with our prefixes that this program does not know. One
// that was probably meant to be another one is a problem, as a list that is
// misspelt closes nothing; and so is each of SMTPTEST_. What others have named
// with the prefixes of the platforms is said and left alone.
func (r *reader) strangers(environment []string) (warnings []error) {
	var known []string
	for f := range reflect.TypeFor[variables]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		known = append(known, strings.ToLower(name))
	}
	for _, pair := range environment {
		name, _, _ := strings.Cut(pair, "=")
		lower := strings.ToLower(name)
		is := name == strings.ToUpper(name) && slices.Contains(known, lower)
		if is || !ours.MatchString(name) || serviceLink.MatchString(name) {
			continue
		}
		meant := strings.ToUpper(probably(lower, known))
		switch {
		case meant != "":
			r.Wrong(name, "is not known; did you mean %s?", meant)
		case strings.HasPrefix(name, "SMTPTEST_"):
			r.Wrong(name, "is not known; deploy/README.md lists the variables")
		default:
			warnings = append(warnings, settings.Say(name, "is not known to this program, and is left alone"))
		}
	}
	return warnings
}

var (
	ours = regexp.MustCompile(`(?i)^(SMTPTEST|SLACK|DISCORD)_`)
	// Kubernetes sets these for each service of the namespace.
	serviceLink = regexp.MustCompile(`_SERVICE_(HOST|PORT)|_PORT(_[0-9]+_(TCP|UDP).*)?$`)
)

// probably is the known name that is at most two letters away, or has all words
// of the one that was typed; empty: there is none.
func probably(name string, known []string) string {
	if near := command.Near(name, known); near != "" {
		return near
	}
	for _, k := range known {
		missing := func(word string) bool { return !slices.Contains(strings.Split(k, "_"), word) }
		if !slices.ContainsFunc(strings.Split(name, "_"), missing) {
			return k
		}
	}
	return ""
}

// singleLabels are the listed hosts without a dot.
func singleLabels(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, ".") })
}
