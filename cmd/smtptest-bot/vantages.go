package main

import (
	"context"
	"os"
	"time"

	"smtptest/formatting"
	"smtptest/probe/remote"
)

// maxVantagesOctets bounds the file of vantage points: 64 keys of 1,622 characters.
const maxVantagesOctets = 256 << 10

// vantages reads the vantage points and the keys of their agents.
func (r *reader) vantages(v variables, engine bool) []remote.Vantage {
	variable, text := "SMTPTEST_VANTAGES", v.Vantages
	if v.VantagesFile != "" {
		if text != "" {
			r.Wrong(variable, "and %s_FILE are both set; set one of them", variable)
		}
		variable += "_FILE"
		octets, err := os.ReadFile(v.VantagesFile)
		if err != nil || len(octets) > maxVantagesOctets {
			r.Wrong(variable, "names a file that cannot be read")
			return nil
		}
		text = string(octets)
	}
	all, err := remote.ParseVantages(text)
	switch {
	case err != nil:
		r.Wrong(variable, "cannot be used: %s", err)
	case r.Set(variable) && len(all) == 0:
		r.Wrong(variable, "is set and lists nothing; leave it out, or fill it")
	case len(all) > 0 && !engine:
		r.Wrong(variable, "is set, and SMTPTEST_NATS_URL is not: there is no engine to reach them by")
	}
	return all
}

// keepFleet keeps knowing which vantage points are there.
func (e *engine) keepFleet(ctx context.Context) {
	if e != nil && len(e.fleet.Names()) > 0 {
		e.fleet.Keep(ctx)
	}
}

// checkFleet says which vantage points are there now. One that is not is no
// reason not to start.
func (e *engine) checkFleet(ctx context.Context) {
	if e == nil || len(e.fleet.Names()) == 0 {
		return
	}
	e.fleet.Ask(ctx)
	for _, a := range e.fleet.Agents() {
		if line, good := standing(a); good {
			e.log.Info(line)
		} else {
			e.log.Warn(line)
		}
	}
}

// standing is a vantage point in a line for its operator.
func standing(a remote.Agent) (line string, good bool) {
	line = "Vantage point " + a.Vantage
	switch {
	case !a.Connected && a.LastSeen.IsZero():
		return line + " is not connected.", false
	case !a.Connected:
		return line + " is not connected; last seen " + formatting.Wait(time.Since(a.LastSeen)) + " ago.", false
	}
	if a.Network != "" {
		line += " (" + a.Network + ")"
	}
	line += " is connected"
	if a.Version != "" {
		line += ", " + a.Version
	}
	if a.Port25 == remote.DoorClosed {
		line += "; its network lets nothing out on port 25"
	}
	switch {
	case a.OtherKey:
		return line + "; its key is not the configured one, so that no login opens there.", false
	case !a.Logins:
		line += "; no key of it is configured, so that no login is sent there"
	}
	return line + ".", true
}
