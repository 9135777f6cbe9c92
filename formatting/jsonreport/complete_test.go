package jsonreport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/diagnosis"
)

// TestNothingIsLost changes each field of a report, one at a time: every one
// of them must change what Encode writes.
func TestNothingIsLost(t *testing.T) {
	shownOtherwise := []string{
		".Hellos[0].Capabilities[0].Equals", // stands in the capability's line
	}
	var r probe.Report
	fill(&r)
	base := encode(t, &r)
	leaves(reflect.ValueOf(&r).Elem(), "", func(path string, v reflect.Value) {
		if slices.ContainsFunc(shownOtherwise, func(s string) bool { return strings.HasSuffix(path, s) }) {
			return
		}
		before := reflect.ValueOf(v.Interface())
		alter(v)
		if bytes.Equal(encode(t, &r), base) {
			t.Errorf("%s is measured and not in the JSON", path)
		}
		v.Set(before)
	})
}

// TestNoFindingIsLost does the same for a diagnosis.
func TestNoFindingIsLost(t *testing.T) {
	var r probe.Report
	var d diagnosis.Diagnosis
	fill(&d)
	encoded := func() string {
		octets, err := Encode(diagnosis.Judged{Report: &r, Diagnosis: d})
		if err != nil {
			t.Fatal(err)
		}
		return string(octets)
	}
	base := encoded()
	leaves(reflect.ValueOf(&d).Elem(), "", func(path string, v reflect.Value) {
		before := reflect.ValueOf(v.Interface())
		alter(v)
		if encoded() == base {
			t.Errorf("%s is judged and not in the JSON", path)
		}
		v.Set(before)
	})
}

func encode(t *testing.T, r *probe.Report) []byte {
	t.Helper()
	octets, err := Encode(diagnosis.Judged{Report: r})
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// fill sets every field, pointers and one element of each slice included.
func fill(to any) { fillValue(reflect.ValueOf(to).Elem()) }

func fillValue(v reflect.Value) {
	switch {
	case atomic(v):
		alter(v)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(v.Index(0))
	case v.Kind() == reflect.Struct:
		for _, f := range measured(v) {
			fillValue(v.FieldByIndex(f.Index))
		}
	}
}

// leaves visits every field that holds one value.
func leaves(v reflect.Value, path string, visit func(string, reflect.Value)) {
	switch {
	case atomic(v):
		visit(path, v)
	case v.Kind() == reflect.Pointer:
		leaves(v.Elem(), path, visit)
	case v.Kind() == reflect.Slice:
		leaves(v.Index(0), path+"[0]", visit)
	case v.Kind() == reflect.Struct:
		for _, f := range measured(v) {
			leaves(v.FieldByIndex(f.Index), path+"."+f.Name, visit)
		}
	}
}

// measured are the fields of a struct that a report shows. The credential of
// a request is never in a report, and what is asked for a domain alone shows
// in that domain's document.
func measured(v reflect.Value) []reflect.StructField {
	elsewhere := []string{"probe.Request.Login", "probe.Request.Alone", "probe.Request.KeepChain", "probe.TLS.DER"}
	return slices.DeleteFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool {
		return !f.IsExported() || slices.Contains(elsewhere, v.Type().String()+"."+f.Name)
	})
}

func atomic(v reflect.Value) bool {
	switch v.Interface().(type) {
	case netip.Addr, netip.AddrPort, time.Time, []byte:
		return true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Struct:
		return false
	}
	return true
}

// alter gives a field another value, far enough from the last one to show.
func alter(v reflect.Value) {
	switch x := v.Interface().(type) {
	case netip.Addr:
		v.Set(reflect.ValueOf(next(x)))
		return
	case netip.AddrPort:
		v.Set(reflect.ValueOf(netip.AddrPortFrom(next(x.Addr()), x.Port()+1)))
		return
	case time.Time:
		v.Set(reflect.ValueOf(x.AddDate(1, 0, 0)))
		return
	case []byte:
		v.SetBytes(append(x, 'x'))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		step := int64(4)
		if v.Type() == reflect.TypeFor[time.Duration]() {
			step = int64(time.Second)
		}
		v.SetInt(v.Int() + step)
	case reflect.Uint16:
		v.SetUint(v.Uint() + 4)
	default:
		panic("no way to alter a " + v.Type().String())
	}
}

func next(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return netip.MustParseAddr("192.0.2.1")
	}
	return a.Next()
}

// TestFieldsAreTheSchemas compares names and kinds: every member that Encode
// can write is described, and every described one can be written.
func TestFieldsAreTheSchemas(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	compareType(t, root, root, reflect.TypeFor[document](), "document")
	compareType(t, root, map[string]any{"$ref": "#/$defs/domain"}, reflect.TypeFor[domainJSON](), "domain")
	compareType(t, root, map[string]any{"$ref": "#/$defs/deep"}, reflect.TypeFor[deepJSON](), "deep")
}

func compareType(t *testing.T, root, node map[string]any, typ reflect.Type, path string) {
	t.Helper()
	if ref, ok := node["$ref"].(string); ok {
		node = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8:
		compareType(t, root, node["items"].(map[string]any), typ.Elem(), path+"[]")
	case typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]():
		compareStruct(t, root, node, typ, path)
	}
}

func compareStruct(t *testing.T, root, node map[string]any, typ reflect.Type, path string) {
	t.Helper()
	properties, _ := node["properties"].(map[string]any)
	var names, required []string
	for i := range typ.NumField() {
		name, option, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
		if option != "omitempty" {
			required = append(required, name)
		}
		if child, ok := properties[name].(map[string]any); ok {
			compareType(t, root, child, typ.Field(i).Type, path+"."+name)
		}
	}
	if got := sortedKeys(properties); !slices.Equal(got, sorted(names)) {
		t.Errorf("%s: schema describes %v, Encode writes %v", path, got, sorted(names))
	}
	if got := sorted(texts(node["required"])); !slices.Equal(got, sorted(required)) {
		t.Errorf("%s: schema requires %v, Encode always writes %v", path, got, sorted(required))
	}
	if node["additionalProperties"] != false {
		t.Errorf("%s: the schema lets unknown members pass", path)
	}
}

func texts(list any) []string {
	var out []string
	values, _ := list.([]any)
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return sorted(keys)
}
