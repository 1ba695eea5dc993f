package main

import (
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that an inventory file says wrong.
type Problem struct {
	Line  int
	Path  string // e.g. luns[1].size_gib
	Value string
	Rule  string
}

// Problems are all that is wrong with the inventory File, in the order of its lines.
type Problems struct {
	File string
	All  []Problem
}

// Error prints one line per problem: file, line, path, value, rule.
func (p Problems) Error() string {
	var lines []string
	for _, problem := range p.All {
		where := p.File
		if problem.Line > 0 {
			where = fmt.Sprintf("%s:%d", p.File, problem.Line)
		}
		lines = append(lines, fmt.Sprintf("%s: %s: %s: %s", where, problem.Path, problem.Value, problem.Rule))
	}
	return strings.Join(lines, "\n")
}

// document is an inventory file being checked: it knows the line of each path.
type document struct {
	lines    map[string]int
	problems []Problem
}

func (d *document) report(path string, value any, format string, args ...any) {
	line, at := 0, path
	for at != "" && line == 0 { // the line of the nearest parent that the file has
		line = d.lines[at]
		at = at[:max(strings.LastIndexAny(at, ".["), 0)]
	}
	d.problems = append(d.problems, Problem{line, path, fmt.Sprint(value), fmt.Sprintf(format, args...)})
}

// LoadSite reads an inventory file; what is wrong with it comes back as Problems.
func LoadSite(file string) (*Site, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc := &document{lines: map[string]int{}}
	site := &Site{}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		doc.report("(file)", strings.ReplaceAll(err.Error(), "\n", " "), "must be YAML")
	} else if len(root.Content) == 0 {
		doc.report("(file)", "empty", "must describe a site: datacenter, clusters, …")
	} else {
		doc.shape(root.Content[0], reflect.TypeFor[Site](), "")
		if len(doc.problems) == 0 {
			if err := root.Decode(site); err != nil {
				doc.report("(file)", err, "must describe a site")
			}
		}
	}
	if len(doc.problems) == 0 {
		doc.rules(site)
	}
	if len(doc.problems) == 0 {
		return site, nil
	}
	sort.SliceStable(doc.problems, func(i, j int) bool { return doc.problems[i].Line < doc.problems[j].Line })
	return nil, Problems{file, doc.problems}
}

// shape reports unknown keys and values of a wrong kind.
func (d *document) shape(node *yaml.Node, want reflect.Type, path string) {
	d.lines[path] = node.Line
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch want.Kind() {
	case reflect.Pointer:
		d.shape(node, want.Elem(), path)
	case reflect.Struct:
		if node.Kind != yaml.MappingNode {
			d.report(path, describe(node), "must be a mapping of keys")
			return
		}
		d.keys(node, want, path)
	case reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			d.report(path, describe(node), "must be a list")
			return
		}
		for i, item := range node.Content {
			d.shape(item, want.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		cut := want.Kind() == reflect.Int && node.ShortTag() == "!!float" // decoding would cut its fraction off
		if cut || node.Kind != yaml.ScalarNode || node.Decode(reflect.New(want).Interface()) != nil {
			kind := map[reflect.Kind]string{
				reflect.Int: "a whole number", reflect.Float64: "a number", reflect.Bool: "true or false",
			}[want.Kind()]
			if kind == "" {
				kind = "text"
			}
			d.report(path, describe(node), "must be %s", kind)
		}
	}
}

func (d *document) keys(node *yaml.Node, want reflect.Type, path string) {
	known, names := map[string]reflect.Type{}, []string{}
	for i := range want.NumField() {
		name := want.Field(i).Tag.Get("yaml")
		known[name], names = want.Field(i).Type, append(names, name)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		d.lines[at] = key.Line
		kind, ok := known[key.Value]
		switch {
		case !ok:
			d.report(at, describe(node.Content[i+1]), "unknown key; known here: %s", strings.Join(names, ", "))
		case seen[key.Value]:
			d.report(at, describe(node.Content[i+1]), "is given twice")
		default:
			d.shape(node.Content[i+1], kind, at)
		}
		seen[key.Value] = true
	}
}

func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if node.Value == "" {
		return "empty"
	}
	return node.Value
}
