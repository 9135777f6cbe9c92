package formatting

import (
	"cmp"
	"time"

	"smtptest/probe/diagnosis/vantages"
)

// The ids of what is said of other places to test from.
const (
	VantageGone     TextID = "vantage.gone"
	VantageNoEngine TextID = "vantage.no-engine"
	VantageAway     TextID = "vantage.not-connected"
	VantageSilent   TextID = "vantage.silent"
	VantageBusy     TextID = "vantage.busy"
	VantageStopping TextID = "vantage.stopping"
	VantageUnable   TextID = "vantage.unable"
	VantageVersion  TextID = "vantage.version"
	VantageUnpinned TextID = "vantage.unpinned"
	VantageOtherKey TextID = "vantage.other-key"
	VantageClock    TextID = "vantage.clock"
	VantageFault    TextID = "vantage.fault"
)

// vantageTexts say why a place has not carried a test out. {vantage} is its name,
// {seen} when it was last there.
var vantageTexts = map[TextID]text{
	VantageGone: {"{vantage} is not a place to test from any more.", "", "Type the command with another place."},
	VantageNoEngine: {"No other place can be reached at the moment.",
		"The connection between this bot and its agents is down.", "Test from here, or tell the person who runs this bot."},
	VantageAway: {"{vantage} is not connected{seen}.", "",
		"Test from another place, or tell the person who runs this bot."},
	VantageSilent: {"{vantage} stopped answering.", "What the server would have said is not known.",
		"Run it again, or test from another place."},
	VantageBusy:     {"{vantage} has too much to do at the moment.", "", "Try again in a few seconds."},
	VantageStopping: {"{vantage} is being restarted.", "", "Try again in a minute."},
	VantageUnable: {"{vantage} does not do this.", "Its operator has switched it off there.",
		"Test from another place."},
	VantageVersion: {"{vantage} is of another version than this bot.", "",
		"Tell the person who runs this bot to update its agent."},
	VantageUnpinned: {"No login is sent from {vantage}.",
		"No key of its agent is set up in this bot, so a password could be read on its way there.",
		"Test the login from here, or ask the person who runs this bot to set the key up."},
	VantageOtherKey: {"The login does not open at {vantage}, so it was not tried.",
		"Another key of its agent is set up in this bot.", "Tell the person who runs this bot to set up the new one."},
	VantageClock: {"The clock of {vantage} is wrong, or this bot's.", "", "Tell the person who runs this bot."},
	VantageFault: {"{vantage} could not make this test.", "",
		"Test from another place, or tell the person who runs this bot."},
}

// absenceTexts are the texts for absences.
var absenceTexts = map[vantages.Absence]TextID{
	vantages.NoEngine: VantageNoEngine, vantages.NotConnected: VantageAway, vantages.Silent: VantageSilent,
	vantages.Busy: VantageBusy, vantages.Stopping: VantageStopping, vantages.Unable: VantageUnable,
	vantages.OtherVersion: VantageVersion, vantages.Unpinned: VantageUnpinned, vantages.OtherKey: VantageOtherKey,
	vantages.Clock: VantageClock, vantages.Faulty: VantageFault,
}

// AbsenceText is the text for a place that has not carried a test out, with its
// values. seen is when it was last there; zero: never since the bot began.
func AbsenceText(name string, a vantages.Absence, seen time.Time) (TextID, []Value) {
	ago := ""
	if !seen.IsZero() {
		ago = ": it was last seen " + Wait(time.Since(seen)) + " ago"
	}
	return cmp.Or(absenceTexts[a], VantageFault), []Value{{"vantage", name}, {"seen", ago}}
}

// absenceCells are the same in a table.
var absenceCells = map[vantages.Absence]string{
	vantages.NoEngine: "cannot be reached", vantages.NotConnected: "not connected", vantages.Silent: "stopped answering",
	vantages.Busy: "busy", vantages.Stopping: "being restarted", vantages.Unable: "does not do this",
	vantages.OtherVersion: "another version", vantages.Clock: "its clock is wrong",
}
