package main

import (
	"fmt"
	"strconv"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// outOfSpace is the message of a VM that has no room for its delta; Broadcom KB 304464.
const outOfSpace = "msg.hbacommon.outofspace"

const (
	retry = "0"
	abort = "1"
)

// set changes a VM, and tells all who wait for it.
func (w *world) set(ctx *simulator.Context, vm *simulator.VirtualMachine, changes ...types.PropertyChange) {
	ctx.WithLock(vm, func() { ctx.Update(vm, changes) })
}

// stun stops a guest whose delta can't grow, and asks what to do. Others that need no new blocks run on.
func (w *world) stun(ctx *simulator.Context, one *life, c *chain) {
	one.writes = false
	w.asked++
	text := fmt.Sprintf("There is no more space for the redo log of %s.", c.deltaFile(len(c.deltas)))
	choice := func(key, label string) types.BaseElementDescription {
		return &types.ElementDescription{Description: types.Description{Label: label, Summary: label}, Key: key}
	}
	question := &types.VirtualMachineQuestionInfo{
		Id:   strconv.Itoa(w.asked),
		Text: outOfSpace + ":" + text + " You may be able to continue this session by freeing disk space and answering Retry.",
		Choice: types.ChoiceOption{ChoiceInfo: []types.BaseElementDescription{
			choice(retry, "Retry"), choice(abort, "Abort"),
		}},
		Message: []types.VirtualMachineMessage{{Id: outOfSpace, Text: text}},
	}
	w.ask(ctx, one.vm, question)
	w.tell(Event{What: "stunned", VM: one.name, Datastore: c.datastore})
}

func (w *world) ask(ctx *simulator.Context, vm *simulator.VirtualMachine, question *types.VirtualMachineQuestionInfo) {
	var value types.AnyType
	if question != nil {
		value = *question
	}
	w.set(ctx, vm, types.PropertyChange{Name: "runtime.question", Val: value}, types.PropertyChange{Name: "summary.runtime.question", Val: value})
}

// AnswerVM lets a guest go on (it stops again at its next write if there still is no room), or ends it.
func (l *living) AnswerVM(ctx *simulator.Context, req *types.AnswerVM) soap.HasFault {
	body, question := &methods.AnswerVMBody{}, l.stock.Runtime.Question
	switch {
	case question == nil || question.Id != req.QuestionId:
		body.Fault_ = simulator.Fault("There is no such question.", &types.InvalidArgument{InvalidProperty: "questionId"})
		return body
	case req.AnswerChoice != retry && req.AnswerChoice != abort:
		body.Fault_ = simulator.Fault("There is no such answer.", &types.InvalidArgument{InvalidProperty: "answerChoice"})
		return body
	}
	l.world.ask(ctx, l.stock, nil)
	if req.AnswerChoice == abort {
		outcome(ctx, l.PowerOffVMTask(ctx, &types.PowerOffVM_Task{This: l.stock.Self}).(*methods.PowerOffVM_TaskBody).Res.Returnval)
	} else {
		l.world.tell(Event{What: "resumed", VM: l.stock.Name})
	}
	l.array.settleAll(ctx)
	body.Res = new(types.AnswerVMResponse)
	return body
}
