package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// sim calls the clock with the site's credentials.
func (s *site) sim(what string) answer {
	s.Helper()
	code, said := s.ask(http.MethodPost, what, "admin", "p&ss")
	if code != http.StatusOK {
		s.Fatalf("%s: %d %+v", what, code, said)
	}
	return said
}

func (s *site) ask(method, what, user, password string) (int, answer) {
	s.Helper()
	request := must(http.NewRequest(method, "https://"+s.vcenter.URL.Host+"/sim/"+what, nil))
	request.SetBasicAuth(user, password)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	response := must(client.Do(request))
	defer response.Body.Close()
	var body bytes.Buffer
	_ = must(body.ReadFrom(response.Body))
	var said answer
	_ = json.Unmarshal(body.Bytes(), &said)
	return response.StatusCode, said
}

// happened fails the test unless just these things did, each as "what vm datastore".
func (s *site) happened(said answer, want ...string) {
	s.Helper()
	var got []string
	for _, e := range said.Events {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.What, e.VM, e.Datastore)))
	}
	if !slices.Equal(got, want) {
		s.Fatalf("at hour %g happened %q, want %q", said.Hour, got, want)
	}
}

func (s *site) runtime(vm *object.VirtualMachine) types.VirtualMachineRuntimeInfo {
	s.Helper()
	var read mo.VirtualMachine
	if err := vm.Properties(s.ctx, vm.Reference(), []string{"runtime", "summary.runtime"}, &read); err != nil {
		s.Fatal(err)
	}
	if (read.Runtime.Question == nil) != (read.Summary.Runtime.Question == nil) {
		s.Error("runtime and summary disagree about the question")
	}
	return read.Runtime
}

func (s *site) snapshot(vm *object.VirtualMachine) (*object.Task, error) {
	return vm.CreateSnapshot(s.ctx, "backup", "", false, false)
}

func (s *site) freeBytes(name string) int64 {
	s.Helper()
	return s.datastore(name).Summary.FreeSpace
}

// scanner is a VM with two disks that writes 1.5 GiB an hour, running, on the LUN of 100 GiB, with so many GiB free.
func (s *site) scanner(free int64) *object.VirtualMachine {
	s.Helper()
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("scanner-1", "mail-iscsi", 1024, diskSpec{10, ""}, diskSpec{98 - 10 - 1 - 1 - free, ""})
	s.done(vm.PowerOn(s.ctx))
	return vm
}

const half = 1 << 29 // GiB: what a VM that runs keeps beside disks and swap here

func TestTimeStandsStillWithoutPhysics(t *testing.T) {
	s := start(t, campus)
	if code, _ := s.ask(http.MethodPost, "advance?hours=1", "admin", "p&ss"); code != http.StatusNotFound {
		t.Errorf("the clock answers %d", code)
	}
	vm := s.vm("scanner-1", "old", 1024, diskSpec{10, ""})
	s.done(vm.PowerOn(s.ctx))
	s.free("old", 984)
	s.done(s.snapshot(vm))
	s.free("old", 984)
}

func TestNothingGrowsWithoutASnapshot(t *testing.T) {
	s := start(t, still)
	s.scanner(4)
	before := s.freeBytes("mail-iscsi")
	if before < 4*gib+half-1<<20 || before > 4*gib+half {
		t.Errorf("%d bytes are free", before)
	}
	s.happened(s.sim("advance?hours=1000"))
	if after := s.freeBytes("mail-iscsi"); after != before {
		t.Errorf("%d bytes are free, were %d", after, before)
	}
}

func TestDeltasGrowWhileASnapshotIsThere(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	before := s.freeBytes("mail-iscsi")
	s.done(s.snapshot(vm))
	if taken := before - s.freeBytes("mail-iscsi"); taken != 2*16<<20 {
		t.Errorf("two deltas begin with %d bytes", taken)
	}
	said := s.sim("advance?hours=4")
	if s.happened(said); said.Hour != 4 {
		t.Errorf("it is hour %g", said.Hour)
	}
	want := laws.file(4*float64(gib)) + laws.file(2*float64(gib))
	if taken := before - s.freeBytes("mail-iscsi"); taken != want {
		t.Errorf("after 4 h of 1.5 GiB/h the deltas take %d bytes, want %d", taken, want)
	}
	var read mo.VirtualMachine
	if err := vm.Properties(s.ctx, vm.Reference(), []string{"layoutEx", "storage.perDatastoreUsage"}, &read); err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, file := range read.LayoutEx.File {
		if strings.HasSuffix(file.Name, "-000001-sesparse.vmdk") {
			sum += file.Size
		}
	}
	if sum != want {
		t.Errorf("the files of its deltas have %d bytes", sum)
	}
	if used := read.Storage.PerDatastoreUsage[0].Committed; used != 76*gib+gib+half+want {
		t.Errorf("it takes %d bytes", used)
	}
}

func TestStoppedGuestWritesNothing(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	s.done(s.snapshot(vm))
	s.done(vm.PowerOff(s.ctx))
	before := s.freeBytes("mail-iscsi")
	s.sim("advance?hours=100")
	if after := s.freeBytes("mail-iscsi"); after != before {
		t.Errorf("%d bytes went", before-after)
	}
}

func TestFullDatastoreStunsItsVMsAndAsks(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(3)
	quiet := s.vm("quiet", "mail-iscsi", 4, diskSpec{1, ""}) // writes nothing
	s.done(s.snapshot(vm))
	said := s.sim("advance?hours=10") // 3.5 GiB less 1 of the second VM's disk, at 1.5 GiB an hour
	s.happened(said, "stunned scanner-1 mail-iscsi")
	if hour := said.Events[0].Hour; hour < 1.6 || hour > 1.68 {
		t.Errorf("full after %g h", hour)
	}
	question := s.runtime(vm).Question
	if question == nil || !strings.HasPrefix(question.Text, "msg.hbacommon.outofspace:") || question.Message[0].Id != "msg.hbacommon.outofspace" {
		t.Fatalf("asked %+v", question)
	}
	if s.runtime(quiet).Question != nil {
		t.Error("a VM that needs no new blocks was stopped")
	}
	s.powered(vm, types.VirtualMachinePowerStatePoweredOn)
	if free := s.freeBytes("mail-iscsi"); free > gib/8 {
		t.Errorf("%d bytes are free", free)
	}
	s.happened(s.sim("advance?hours=5")) // it stays so
	if _, fault := s.wait(s.snapshot(vm)); !is[*types.InvalidState](fault) {
		t.Errorf("a snapshot of a VM that waits: %T", fault)
	}
}

func (s *site) answer(vm *object.VirtualMachine, choice string) error {
	s.Helper()
	return vm.Answer(s.ctx, s.runtime(vm).Question.Id, choice)
}

func TestStunnedVMGoesOnWhenSpaceIsFreed(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(3)
	other := s.vm("other", "mail-iscsi", 4, diskSpec{1, ""})
	s.done(s.snapshot(vm))
	s.sim("advance?hours=10")
	if err := s.answer(vm, "0"); err != nil { // nothing was freed yet
		t.Fatal(err)
	}
	s.happened(s.sim("advance?hours=0.1"), "stunned scanner-1 mail-iscsi")
	s.done(other.Destroy(s.ctx))
	if s.runtime(vm).Question == nil {
		t.Error("it went on before it was answered")
	}
	for id, choice := range map[string]string{"none": "0", s.runtime(vm).Question.Id: "2"} {
		if f, ok := fault(t, vm.Answer(s.ctx, id, choice)).(types.InvalidArgument); !ok {
			t.Errorf("answer %s to question %s: got %T", choice, id, f)
		}
	}
	if err := s.answer(vm, "0"); err != nil {
		t.Fatal(err)
	}
	said := s.sim("advance?hours=0.5")
	s.happened(said)
	if s.runtime(vm).Question != nil {
		t.Error("it still waits")
	}
	s.happened(s.sim("advance?hours=1"), "stunned scanner-1 mail-iscsi")
	if err := s.answer(vm, "1"); err != nil {
		t.Fatal(err)
	}
	s.powered(vm, types.VirtualMachinePowerStatePoweredOff)
	if f, ok := fault(t, vm.Answer(s.ctx, "1", "0")).(types.InvalidArgument); !ok {
		t.Errorf("an answer to no question: %T", f)
	}
}
