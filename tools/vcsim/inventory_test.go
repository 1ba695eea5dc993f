package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused loads an inventory and returns its problems without the file's name.
func refused(t *testing.T, inventory string) []string {
	t.Helper()
	file := write(t, inventory)
	_, err := LoadSite(file)
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("want problems, got %v", err)
	}
	return strings.Split(strings.ReplaceAll(problems.Error(), file+":", ""), "\n")
}

const firstLun = "- {naa: naa.60003ff44dc75adc0000000000000001, size_gib: 100, fabric: iscsi}"

// mistakes are changes of the inventory: what is replaced, by what, and the line that says it.
var mistakes = map[string]map[string]string{
	"networks: [mail]": {
		"networks: [mail, mail]": "13: networks[1]: mail: is named twice: also networks[0]",
		"networks: mail":         "13: networks: mail: must be a list",
		"networks:":              "13: networks: empty: must be a list",
		"network: [mail]": "13: network: a list: unknown key; known here: " +
			"datacenter, clusters, networks, luns, datastores, templates, isos",
		"networks: [a/b]":    `13: networks[0]: "a/b": must be a name without / \ % [ ] or outer spaces`,
		"networks: [{a: b}]": "13: networks[0]: a mapping: must be text",
	},
	firstLun: {
		strings.Replace(firstLun, "100", "-1", 1):             "15: luns[0].size_gib: -1: must be between 1 and 65536",
		strings.Replace(firstLun, "100", "90GB", 1):           "15: luns[0].size_gib: 90GB: must be a whole number",
		strings.Replace(firstLun, "100", "65537", 1):          "15: luns[0].size_gib: 65537: must be between 1 and 65536",
		strings.Replace(firstLun, "0001", "0002", 1):          "16: luns[1].naa: " + lunFC + ": is named twice: also luns[0].naa",
		strings.Replace(firstLun, "size_gib", "size", 1):      "15: luns[0].size: 100: unknown key; known here: naa, size_gib, fabric",
		strings.Replace(firstLun, "fabric: iscsi", "z: 1", 1): "15: luns[0].z: 1: unknown key; known here: naa, size_gib, fabric",
	},
	"naa: naa.60003ff44dc75adc0000000000000001": {
		"naa: NAA.60003FF44DC75ADC0000000000000002": "16: luns[1].naa: " + lunFC + ": is named twice: also luns[0].naa",
	},
	"- {name: old, lun: naa.60003ff44dc75adc0000000000000002}": {
		"- {name: templates, lun: naa.60003ff44dc75adc0000000000000002}": "20: datastores[1].name: templates: is named twice: also datastores[0].name",
		"- {name: old, lun: naa.9}":                                      "20: datastores[1].lun: naa.9: is not among luns",
		"- {name: old}":                                                  "20: datastores[1].lun: none: a datastore is on a lun, or it is local with size_gib",
		"- {name: old, local: true, size_gib: 0}":                        "20: datastores[1].size_gib: 0: must be between 1 and 65536",
		"- {name: old, lun: " + lunFC + ", size_gib: 3}":                 "20: datastores[1].size_gib: 3: only a local datastore has a size; this one has its LUN's",
		"- {name: old, lun: " + lunFC + ", local: true, size_gib: 3}":    "20: datastores[1].lun: " + lunFC + ": a local datastore has size_gib and no lun",
		"- {name: old, lun: " + lunFC + "}\n  - {name: b, lun: " + lunFC + "}": "21: datastores[2].lun: " + lunFC +
			`: already holds datastore "old"; a LUN holds one VMFS`,
		"- {name: old, lun: " + lunFC + "}\n  - {name: b, lun: " + strings.ToUpper(lunFC) + "}": "21: datastores[2].lun: " +
			strings.ToUpper(lunFC) + `: already holds datastore "old"; a LUN holds one VMFS`,
	},
	"disks_gib: [20]": {
		"disks_gib: [99]":     `22: templates[0].disks_gib: [99]: templates on "templates" need 99 GiB, but only 98 GiB fit`,
		"disks_gib: [50, 49]": `22: templates[0].disks_gib: [50 49]: templates on "templates" need 99 GiB, but only 98 GiB fit`,
		"disks_gib: [0]":      "22: templates[0].disks_gib[0]: 0: must be between 1 and 63488",
		"disks_gib: []":       "22: templates[0].disks_gib: none: a template needs at least one disk",
	},
	"ubuntu64Guest":        {"ubuntu": "22: templates[0].guest_id: ubuntu: is not a guest identifier of vSphere, e.g. ubuntu64Guest"},
	"path: iso/":           {"path: ../": "24: isos[0].path: ../gateway.iso: must be a plain relative path such as iso/gateway.iso"},
	"cpus: 16, memory_gib": {"cpus: 0, memory_gib": "12: clusters[0].hosts[1].cpus: 0: must be between 1 and 1024"},
	"name: esx-2":          {"name: esx-1": "12: clusters[0].hosts[1].name: esx-1.campus.example: is named twice: also clusters[0].hosts[0].name"},
	"device: vmhba2":       {"device: vmhba64": "11: clusters[0].hosts[0].adapters[1].device: vmhba64: is named twice: also clusters[0].hosts[0].adapters[0].device"},
	"datacenter: campus-dc": {
		"":                             ` datacenter: "": must be a name without / \ % [ ] or outer spaces`,
		"datacenter: a\ndatacenter: b": "3: datacenter: b: is given twice",
	},
}

func TestEachMistakeIsToldWithItsPlace(t *testing.T) {
	for old, cases := range mistakes {
		for fresh, want := range cases {
			changed := strings.Replace(campus, old, fresh, 1)
			if changed == campus {
				t.Fatalf("%q is not in the inventory", old)
			}
			got := refused(t, changed)
			if !contains(got, want) {
				t.Errorf("%s\n got %q\nwant %q", fresh, got, want)
			}
		}
	}
}

// contains tells whether a line begins so; the list of known keys, which ends some, may grow.
func contains(lines []string, want string) bool {
	for _, line := range lines {
		if strings.HasPrefix(line, want) {
			return true
		}
	}
	return false
}

func TestAllMistakesAreToldAtOnceInTheOrderOfLines(t *testing.T) {
	bad := strings.NewReplacer("paths: 2}", "paths: 0}", "size_gib: 100, fabric: iscsi", "size_gib: -5, fabric: nvme",
		"datastore: templates, disks", "datastore: nowhere, disks").Replace(campus)
	got := refused(t, bad)
	if len(got) < 6 || !strings.HasPrefix(got[0], "10: clusters[0].hosts[0].adapters[0].paths: 0") {
		t.Errorf("got %q", got)
	}
	if last := got[len(got)-1]; last != "22: templates[0].datastore: nowhere: is not among datastores" {
		t.Errorf("last is %q", last)
	}
}

func TestFilesThatAreNoInventory(t *testing.T) {
	for text, want := range map[string]string{
		"":       "empty: must describe a site: datacenter, clusters, …",
		"[1, 2]": "a list: must be a mapping of keys",
		"a: [":   "must be YAML",
	} {
		if got := refused(t, text); !strings.Contains(got[0], want) {
			t.Errorf("%q: got %q", text, got)
		}
	}
	if _, err := LoadSite(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("want a missing file, got %v", err)
	}
}

func TestLunThatNoHostSees(t *testing.T) {
	iscsiOnly := strings.Replace(campus, "- {device: vmhba2, fabric: fc, paths: 2}", "", 1)
	if got := refused(t, iscsiOnly); !contains(got, "16: luns[1].fabric: fc: no host has an adapter on this fabric") {
		t.Errorf("got %q", got)
	}
}

func TestExampleSitesAreRight(t *testing.T) {
	files, _ := filepath.Glob("../../stacks/sites/*.yaml")
	if len(files) < 4 {
		t.Fatalf("found only %v", files)
	}
	for _, file := range files {
		if _, err := LoadSite(file); err != nil {
			t.Error(err)
		}
	}
}

func TestNamesOfDevicesAreComparedAsHostsCompareThem(t *testing.T) {
	for name, want := range map[string]string{
		"NAA.6000FF": "naa.6000ff", "EUI.00A1": "eui.00a1", "t10.ATA_____Disk": "t10.ATA_____Disk", "T10.x": "T10.x",
	} {
		if got := canonical(name); got != want {
			t.Errorf("canonical(%q) = %q, want %q", name, got, want)
		}
	}
}
