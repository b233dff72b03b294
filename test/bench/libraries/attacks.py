"""The attacks of other libraries. Each takes (model, images, labels, settings) and returns examples."""
import torch


def torchattacks_pgd(model, images, labels, epsilon, step, steps):
    import torchattacks

    attack = torchattacks.PGD(model, eps=epsilon, alpha=step, steps=steps, random_start=True)
    return attack(images, labels)


def foolbox_pgd(model, images, labels, epsilon, step, steps):
    import foolbox

    attack = foolbox.attacks.LinfPGD(abs_stepsize=step, steps=steps, random_start=True)
    subject = foolbox.PyTorchModel(model, bounds=(0, 1), device='cpu')
    return attack(subject, images, labels, epsilons=epsilon)[1]


def art_pgd(model, images, labels, epsilon, step, steps):
    import numpy as np
    from art.attacks.evasion import ProjectedGradientDescent
    from art.estimators.classification import PyTorchClassifier

    with torch.no_grad():
        classes = model(images[:1]).shape[1]
    subject = PyTorchClassifier(
        model=model,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=tuple(images.shape[1:]),
        nb_classes=classes,
        clip_values=(0, 1),
        device_type='cpu',
    )
    attack = ProjectedGradientDescent(
        subject,
        norm=np.inf,
        eps=epsilon,
        eps_step=step,
        max_iter=steps,
        num_random_init=1,
        batch_size=len(images),
        verbose=False,
    )
    return torch.from_numpy(attack.generate(images.numpy(), labels.numpy()))


def autoattack(model, images, labels, epsilon, steps, queries):
    """AutoAttack standard by its authors. With two classes, what of it there is: no targeted losses."""
    from pyautoattack import AutoAttack

    with torch.no_grad():
        classes = model(images[:1]).shape[1]
    if classes < 4:
        attack = AutoAttack(
            model, norm='Linf', eps=epsilon, version='custom', attacks=['apgd-ce', 'fab', 'square'], seed=0, device='cpu'
        )
        attack.apgd.n_restarts = attack.fab.n_restarts = 1
    else:
        attack = AutoAttack(model, norm='Linf', eps=epsilon, version='standard', seed=0, device='cpu')
    for apgd in (attack.apgd, attack.apgd_targeted):
        apgd.n_iter = apgd.n_iter_orig = steps
    attack.fab.n_iter = steps
    attack.square.n_queries = queries
    return attack.run_standard_evaluation(images, labels, batch_size=len(images))[0]


ATTACKS = {
    'torchattacks': torchattacks_pgd,
    'foolbox': foolbox_pgd,
    'art': art_pgd,
    'autoattack': autoattack,
}
