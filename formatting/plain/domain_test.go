package plain_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"smtptest/formatting"
	"smtptest/formatting/formattest"
	"smtptest/formatting/plain"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
)

// TestDomains renders every scenario of a mail domain: testdata/domains/NAME.txt.
// The time is virtual.
func TestDomains(t *testing.T) {
	goldens := formattest.Goldens{Files: "testdata/domains/*.txt"}
	for _, story := range domaintest.Scenarios(t) {
		goldens.Compare(t, strings.NewReplacer(" ", "-", ",", "").Replace(story.Name), func(t *testing.T) (text string) {
			synctest.Test(t, func(t *testing.T) {
				s := domaintest.Read(t, story.Setup)
				report, err := s.Examiner().Examine(t.Context(), domain.Request{Domain: s.Domain}, domain.Hooks{})
				if err != nil {
					t.Fatal(err)
				}
				text = formattest.Constant(plain.Render(formatting.Domain(delivery.Judge(&report)), plain.Style{}))
			})
			return text
		})
	}
	goldens.LeftOver(t)
}
