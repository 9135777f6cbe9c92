package formattest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"smtptest/formatting"
)

// TestShapesUseEverything: each part of a Message and of a Form is there in
// one shape and is empty in another, so that the golden files of the shapes
// show what a renderer makes of it.
func TestShapesUseEverything(t *testing.T) {
	full, empty := map[string]bool{}, map[string]bool{}
	tones, sides, severities := map[formatting.Tone]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range Shapes(t, formatting.Slack) {
		if s.Form != nil {
			fields(reflect.ValueOf(*s.Form), "Form", full, empty)
			continue
		}
		tones[s.Message.Tone] = true
		fields(reflect.ValueOf(s.Message), "Message", full, empty)
		for _, section := range s.Message.Sections {
			switch x := section.(type) {
			case formatting.Code:
				for _, l := range x.Lines {
					sides[l.Side] = true
				}
			case formatting.Findings:
				for _, f := range x.Items {
					severities[f.Severity] = true
				}
			}
		}
	}
	for name := range empty {
		if !full[name] {
			t.Errorf("%s is empty in every shape", name)
		}
	}
	for name := range full {
		if !empty[name] && !neverEmpty()[name] {
			t.Errorf("%s is empty in no shape", name)
		}
	}
	for _, tone := range append(formatting.Tones(), "") {
		if !tones[tone] {
			t.Errorf("no shape has the tone %q", tone)
		}
	}
	if len(sides) != 4 || len(severities) != 3 {
		t.Errorf("the shapes have lines of %v and findings of %v", sides, severities)
	}
}

// neverEmpty are the parts that every message has where it has them at all.
func neverEmpty() map[string]bool {
	return map[string]bool{
		"Action.Verb": true, "Action.Run": true, "Action.Label": true, "Choice.Value": true, "Choice.Label": true,
		"Person.Name": true, "Moment.Name": true, "Moment.At": true, "Link.Label": true, "Link.URL": true,
		"Finding.Severity": true, "Finding.Title": true, "Finding.Explanation": true, "Findings.Items": true,
		"Code.Title": true, "Code.Lines": true, "Facts.Rows": true,
		"Table.Title": true, "Table.Header": true, "Table.Rows": true,
		"File.Name": true, "File.Title": true, "File.Text": true, "Prose.Title": true,
		"Form.ID": true, "Form.Title": true, "Form.Submit": true, "Form.Cancel": true, "Form.Fields": true,
		"Field.ID": true, "Field.Label": true,
	}
}

// fields notes for each field of a struct, and of what it holds, whether it is
// empty.
func fields(v reflect.Value, name string, full, empty map[string]bool) {
	switch v.Kind() {
	case reflect.Interface:
		fields(v.Elem(), v.Elem().Type().Name(), full, empty)
	case reflect.Slice:
		for i := range v.Len() {
			fields(v.Index(i), v.Index(i).Type().Name(), full, empty)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := fmt.Sprintf("%s.%s", v.Type().Name(), v.Type().Field(i).Name)
			if v.Field(i).IsZero() {
				empty[field] = true
				continue
			}
			full[field] = true
			if t := v.Field(i).Type(); t != reflect.TypeFor[time.Duration]() && t != reflect.TypeFor[time.Time]() {
				fields(v.Field(i), field, full, empty)
			}
		}
	}
}
