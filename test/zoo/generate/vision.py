"""Vision: timm, torchvision and transformers, at small widths."""

import timm
import torch
import torchvision.models as tv
import transformers as hf

from zoo import Logits, main, network

IMAGE = (2, 3, 32, 32)


def timm_network(name, architecture, shape=IMAGE, exporter="dynamo", opset=18, **kwargs):
    @network(name, "vision", f"timm {architecture}", shape, exporter, opset)
    def make():
        return timm.create_model(architecture, pretrained=False, num_classes=5, **kwargs)


timm_network("resnet", "resnet18", channels=(8, 12, 16, 20), stem_width=8, layers=(1, 1, 1, 1))
timm_network("convnext", "convnext_atto", dims=(8, 12, 16, 20), depths=(1, 1, 1, 1))
timm_network("vit", "vit_tiny_patch16_224", img_size=32, patch_size=8, embed_dim=16, depth=2, num_heads=2)
timm_network("deit", "deit_tiny_distilled_patch16_224", img_size=32, patch_size=8, embed_dim=16, depth=1, num_heads=2)
timm_network("swinv2", "swinv2_cr_tiny_224", img_size=32, window_size=4, embed_dim=8, depths=(1,), num_heads=(1,), exporter="torchscript", opset=17)
timm_network("beit", "beit_base_patch16_224", img_size=32, patch_size=8, embed_dim=16, depth=1, num_heads=2)
timm_network("cait", "cait_xxs24_224", img_size=32, patch_size=8, embed_dim=16, depth=1, num_heads=2)
timm_network("xcit", "xcit_nano_12_p16_224", img_size=32, embed_dim=8, depth=1, num_heads=2, exporter="torchscript", opset=17)
timm_network("tnt", "tnt_s_patch16_224", img_size=32, patch_size=16, embed_dim=16, inner_dim=4, depth=1, num_heads_inner=1, num_heads_outer=2)
timm_network("eva", "eva02_tiny_patch14_224", img_size=28, shape=(2, 3, 28, 28), embed_dim=16, depth=1, num_heads=2)


def timm_class(name, module, cls, shape=IMAGE, exporter="dynamo", opset=18, **kwargs):
    @network(name, "vision", f"timm {cls}", shape, exporter, opset)
    def make():
        return getattr(getattr(timm.models, module), cls)(num_classes=5, **kwargs)


def mlp_block(name):
    return {"block_layer": getattr(timm.models.mlp_mixer, name)}


timm_class("mixer", "mlp_mixer", "MlpMixer", img_size=32, patch_size=8, embed_dim=16, num_blocks=2, exporter="torchscript", opset=13)
timm_class("gmlp", "mlp_mixer", "MlpMixer", img_size=32, patch_size=8, embed_dim=16, num_blocks=2, mlp_ratio=4, mlp_layer=timm.layers.GatedMlp, **mlp_block("SpatialGatingBlock"))
timm_class("poolformer", "metaformer", "MetaFormer", dims=(8, 12), depths=(1, 1), token_mixers=timm.models.metaformer.Pooling)
timm_class("convformer", "metaformer", "MetaFormer", dims=(8, 12), depths=(1, 1), token_mixers=timm.models.metaformer.SepConv, exporter="torchscript", opset=17)
timm_class("densenet", "densenet", "DenseNet", growth_rate=4, block_config=(2, 2, 2), stem_type="", exporter="torchscript", opset=11)
timm_class("convmixer", "convmixer", "ConvMixer", dim=16, depth=2, kernel_size=5, patch_size=4)
timm_class("focalnet", "focalnet", "FocalNet", embed_dim=8, depths=(1, 1), focal_levels=(2, 2), focal_windows=(3, 3))
timm_class("sequencer", "sequencer", "Sequencer2d", img_size=32, patch_sizes=(8, 1), embed_dims=(12, 12), hidden_sizes=(4, 4), layers=(1, 1), mlp_ratios=(2, 2), exporter="torchscript", opset=17)
timm_class("inceptionnext", "inception_next", "MetaNeXt", dims=(12, 16), depths=(1, 1), token_mixers=timm.models.inception_next.InceptionDWConv2d, mlp_ratios=(2, 2), exporter="torchscript", opset=17)


@network("mobilenet-v2", "vision", "torchvision mobilenet_v2", IMAGE, "torchscript", 9)
def mobilenet_v2():
    setting = [[1, 4, 1, 1], [3, 8, 2, 2], [3, 12, 2, 2], [3, 16, 1, 1]]
    net = tv.MobileNetV2(num_classes=5, width_mult=0.5, inverted_residual_setting=setting, round_nearest=4)
    net.features[-1] = torch.nn.Sequential(torch.nn.Conv2d(net.features[-2].out_channels, 24, 1), torch.nn.ReLU6())
    net.classifier = torch.nn.Linear(24, 5)
    return net


@network("mobilenet-v3", "vision", "torchvision MobileNetV3", IMAGE, "dynamo", 20)
def mobilenet_v3():
    from torchvision.models.mobilenetv3 import InvertedResidualConfig as Config
    from torchvision.models.mobilenetv3 import MobileNetV3
    rows = [(8, 3, 8, 8, True, "RE", 2, 1), (8, 3, 16, 12, False, "HS", 2, 1), (12, 5, 24, 12, True, "HS", 1, 1)]
    return MobileNetV3([Config(*row, 1.0) for row in rows], 16, num_classes=5)


@network("shufflenet", "vision", "torchvision ShuffleNetV2", IMAGE, "torchscript", 13)
def shufflenet():
    return tv.ShuffleNetV2([1, 1, 1], [8, 8, 16, 24, 32], num_classes=5)


@network("regnet", "vision", "torchvision RegNet", IMAGE, "dynamo", 18)
def regnet():
    from torchvision.models.regnet import BlockParams, RegNet
    params = BlockParams.from_init_params(depth=4, w_0=8, w_a=8.0, w_m=2.0, group_width=8, se_ratio=0.25)
    return RegNet(params, num_classes=5, stem_width=8)


@network("convnext-torchvision", "vision", "torchvision ConvNeXt", IMAGE, "torchscript", 17)
def convnext():
    from torchvision.models.convnext import CNBlockConfig
    return tv.ConvNeXt([CNBlockConfig(8, 16, 1), CNBlockConfig(16, None, 1)], num_classes=5)


@network("maxvit", "vision", "torchvision MaxVit", IMAGE, "dynamo", 18, fixed=True)
def maxvit():
    return tv.MaxVit((32, 32), 8, 4, [8, 8], [1, 1], 4, stochastic_depth_prob=0.0, num_classes=5)


@network("efficientnet", "vision", "torchvision EfficientNet", IMAGE, "torchscript", 14)
def efficientnet():
    from torchvision.models.efficientnet import EfficientNet, MBConvConfig
    rows = [MBConvConfig(1, 3, 1, 8, 8, 1), MBConvConfig(3, 3, 2, 8, 12, 1), MBConvConfig(3, 5, 2, 12, 16, 1)]
    return EfficientNet(rows, 0.0, num_classes=5, last_channel=32)


@network("mnasnet", "vision", "torchvision MNASNet's blocks", IMAGE, "dynamo", 18)
def mnasnet():
    from torchvision.models.mnasnet import _stack
    stem = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 2, 1, bias=False), torch.nn.BatchNorm2d(8), torch.nn.ReLU())
    head = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(16, 5)]
    return torch.nn.Sequential(stem, _stack(8, 12, 3, 2, 3, 2, 0.1), _stack(12, 16, 5, 2, 3, 1, 0.1), *head)


@network("inception", "vision", "torchvision Inception's blocks", IMAGE, "torchscript", 11)
def inception():
    from torchvision.models.googlenet import Inception
    from torchvision.models.googlenet import BasicConv2d
    stem = torch.nn.Sequential(BasicConv2d(3, 8, kernel_size=3, stride=2), torch.nn.MaxPool2d(3, 2, ceil_mode=True))
    return torch.nn.Sequential(stem, Inception(8, 4, 4, 8, 2, 4, 4), Inception(20, 4, 4, 8, 2, 4, 4), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(20, 5))


@network("squeezenet", "vision", "torchvision SqueezeNet's blocks", IMAGE, "dynamo", 18)
def squeezenet():
    from torchvision.models.squeezenet import Fire
    return torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 2), torch.nn.ReLU(), torch.nn.MaxPool2d(3, 2, ceil_mode=True), Fire(8, 4, 8, 8), Fire(16, 4, 12, 12), torch.nn.Conv2d(24, 5, 1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())


@network("vgg", "vision", "torchvision VGG", IMAGE, "torchscript", 9)
def vgg():
    from torchvision.models.vgg import VGG, make_layers
    net = VGG(make_layers([8, "M", 12, "M", 16, "M"], batch_norm=True), num_classes=5)
    net.avgpool = torch.nn.AdaptiveAvgPool2d(1)
    net.classifier = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 5))
    return net


@network("video-swin", "vision", "torchvision SwinTransformer3d", (2, 3, 4, 16, 16), "dynamo", 18, fixed=True)
def video_swin():
    from torchvision.models.video.swin_transformer import SwinTransformer3d
    return SwinTransformer3d([2, 4, 4], 8, [1, 1], [1, 2], [2, 4, 4], num_classes=5)


@network("video-r2plus1d", "vision", "torchvision R(2+1)D's blocks", (2, 3, 4, 16, 16), "torchscript", 17)
def video_r2plus1d():
    from torchvision.models.video.resnet import BasicBlock, Conv2Plus1D
    conv = torch.nn.Conv3d(3, 8, 3, 2, 1)
    return torch.nn.Sequential(conv, torch.nn.BatchNorm3d(8), torch.nn.ReLU(), BasicBlock(8, 8, Conv2Plus1D), torch.nn.AdaptiveAvgPool3d(1), torch.nn.Flatten(), torch.nn.Linear(8, 5))


def hf_network(name, model, config, exporter="dynamo", opset=18, shape=IMAGE, **options):
    @network(name, "vision", f"transformers {model}", shape, exporter, opset, **options)
    def make():
        return Logits(getattr(hf, model)(getattr(hf, config[0])(num_labels=5, **config[1])))


SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
hf_network("hf-resnet", "ResNetForImageClassification", ("ResNetConfig", {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"}), "torchscript", 17)
hf_network("hf-vit", "ViTForImageClassification", ("ViTConfig", {**SMALL, "image_size": 32, "patch_size": 8}))
hf_network("hf-segformer", "SegformerForImageClassification", ("SegformerConfig", {"hidden_sizes": [8, 8], "num_encoder_blocks": 2, "depths": [1, 1], "sr_ratios": [2, 1], "patch_sizes": [7, 3], "strides": [4, 2], "num_attention_heads": [1, 2], "mlp_ratios": [2, 2]}), "torchscript", 17)


@network("capsule", "vision", "PyTorch, by hand: capsules with routing", (2, 3, 16, 16), "torchscript", 17)
def capsule():
    class Capsules(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 16, 5, 2)
            self.weight = torch.nn.Parameter(torch.randn(5, 36 * 4, 4, 4) * 0.3)

        def forward(self, x):
            u = self.conv(x).reshape(x.shape[0], 4, 4, 36).permute(0, 1, 3, 2).reshape(x.shape[0], 1, 144, 4, 1)
            votes = (self.weight @ u).squeeze(-1)
            logits = torch.zeros_like(votes[..., :1])
            for _ in range(2):
                s = (torch.softmax(logits, 1) * votes).sum(2, keepdim=True)
                n = (s * s).sum(-1, keepdim=True)
                v = s * n / (1 + n) / torch.sqrt(n + 1e-8)
                logits = logits + (votes * v).sum(-1, keepdim=True)
            return v.squeeze(2).pow(2).sum(-1).add(1e-8).sqrt()
    return Capsules()


@network("unet-encoder", "vision", "PyTorch, by hand: U-Net with pooled logits", IMAGE, "dynamo", 18)
def unet():
    class UNet(torch.nn.Module):
        def __init__(self):
            super().__init__()
            block = lambda a, b: torch.nn.Sequential(torch.nn.Conv2d(a, b, 3, padding=1), torch.nn.GroupNorm(2, b), torch.nn.SiLU())
            self.a, self.b, self.c, self.d = block(3, 8), block(8, 12), block(12, 8), block(16, 8)
            self.up = torch.nn.ConvTranspose2d(12, 12, 2, 2)
            self.down = torch.nn.MaxPool2d(2)
            self.head = torch.nn.Conv2d(8, 5, 1)

        def forward(self, x):
            a = self.a(x)
            b = self.c(self.up(self.b(self.down(a))))
            return self.head(self.d(torch.cat([a, b], 1))).mean((2, 3))
    return UNet()


@network("spatial-transformer", "vision", "PyTorch, by hand: affine_grid and grid_sample", (2, 3, 16, 16), "torchscript", 20)
def spatial_transformer():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.loc = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(512, 6))
            self.net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.GELU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 5))

        def forward(self, x):
            theta = self.loc(x).reshape(-1, 2, 3) * 0.3 + torch.tensor([[0.8, 0.1, 0.0], [-0.1, 0.9, 0.05]])
            grid = torch.nn.functional.affine_grid(theta, [x.shape[0], 3, 16, 16], align_corners=False)
            return self.net(torch.nn.functional.grid_sample(x, grid, align_corners=False))
    return Net()


if __name__ == "__main__":
    main()
