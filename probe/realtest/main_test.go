package realtest

import (
	"testing"

	"smtptest/probe/probetest/long"
)

func TestMain(m *testing.M) { long.AtOnce(m, "8") }
