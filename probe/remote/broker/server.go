package broker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"smtptest/probe/smtp"
)

// The oldest server that was tried, and its JetStream API level: atomic batches
// came with 2.12 and schedules after it, but nothing older than this was tested.
const (
	TestedServer = "2.15.3"
	oldestMinor  = 15 // of version 2
	TestedLevel  = 5
)

// CheckServer refuses a NATS server that is older than what was tested, by the
// version that it says when one connects.
func CheckServer(version string) error {
	words := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(words) < 3 {
		return errors.New("the NATS server does not say which version it is; " + TestedServer + " is what was tested")
	}
	major, err1 := strconv.Atoi(words[0])
	minor, err2 := strconv.Atoi(words[1])
	if err1 != nil || err2 != nil || major < 2 || major == 2 && minor < oldestMinor {
		return fmt.Errorf("the NATS server is version %s, and nothing before 2.%d was tested: update it to %s or later",
			smtp.Printable([]byte(version[:min(len(version), 32)])), oldestMinor, TestedServer)
	}
	return nil
}

// CheckLevel does the same for the level of JetStream's API, as its account
// information has it.
func CheckLevel(level int) error {
	if level < TestedLevel {
		return fmt.Errorf("the NATS server speaks level %d of JetStream's API, and %d is needed: update it to %s or later",
			level, TestedLevel, TestedServer)
	}
	return nil
}
