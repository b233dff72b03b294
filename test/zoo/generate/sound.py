"""Sound: waveforms and spectrograms."""

import torch
import transformers as hf

from zoo import Logits, main, network

WAVE = (2, 1, 512)


class Wave(torch.nn.Module):
    """A network of transformers that takes waveforms without an axis of channels."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(input_values=x[:, 0]).logits


CONV = {"conv_dim": (8, 8), "conv_stride": (5, 2), "conv_kernel": (10, 3), "num_feat_extract_layers": 2, "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "classifier_proj_size": 8, "vocab_size": 10}


def wave_network(name, architecture, config, exporter="torchscript", opset=17, **extra):
    @network(name, "sound", f"transformers {architecture}", WAVE, exporter, opset)
    def make():
        settings = getattr(hf, config)(num_labels=4, attn_implementation="eager", **CONV, **extra)
        return Wave(getattr(hf, architecture)(settings))


wave_network("wav2vec2", "Wav2Vec2ForSequenceClassification", "Wav2Vec2Config")
wave_network("hubert", "HubertForSequenceClassification", "HubertConfig")
wave_network("wavlm", "WavLMForSequenceClassification", "WavLMConfig", num_buckets=8)
wave_network("sew", "SEWForSequenceClassification", "SEWConfig", squeeze_factor=2)
wave_network("data2vec-audio", "Data2VecAudioForSequenceClassification", "Data2VecAudioConfig", conv_pos_kernel_size=3)


@network("audio-spectrogram-transformer", "sound", "transformers ASTForAudioClassification", (2, 32, 16), "dynamo", 18)
def ast():
    config = hf.ASTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, patch_size=8, frequency_stride=8, time_stride=8, max_length=32, num_mel_bins=16, num_labels=4)
    return Logits(hf.ASTForAudioClassification(config), "input_values")


@network("whisper", "sound", "transformers WhisperForAudioClassification", (2, 16, 32), "torchscript", 17)
def whisper():
    config = hf.WhisperConfig(d_model=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=32, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=16, num_mel_bins=16, max_source_positions=16, max_target_positions=8, vocab_size=20, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, num_labels=4, classifier_proj_size=8, attn_implementation="eager", begin_suppress_tokens=None)
    return Logits(hf.WhisperForAudioClassification(config), "input_features")


@network("m5", "sound", "PyTorch, by hand: M5 (Dai et al. 2017)", WAVE, "torchscript", 11)
def m5():
    block = lambda a, b, size, step: [torch.nn.Conv1d(a, b, size, step), torch.nn.BatchNorm1d(b), torch.nn.ReLU(), torch.nn.MaxPool1d(2)]
    return torch.nn.Sequential(*block(1, 8, 16, 4), *block(8, 12, 3, 1), *block(12, 16, 3, 1), torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(16, 4))


@network("tcn", "sound", "PyTorch, by hand: dilated causal convolutions", WAVE, "dynamo", 18)
def tcn():
    class Causal(torch.nn.Module):
        def __init__(self, a, b, dilation):
            super().__init__()
            self.pad = 2 * dilation
            self.conv = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv1d(a, b, 3, dilation=dilation))
            self.skip = torch.nn.Conv1d(a, b, 1)

        def forward(self, x):
            return torch.nn.functional.elu(self.conv(torch.nn.functional.pad(x, (self.pad, 0)))) + self.skip(x)
    return torch.nn.Sequential(Causal(1, 8, 1), Causal(8, 8, 4), Causal(8, 8, 16), torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(8, 4))


class Spectrogram(torch.nn.Module):
    def __init__(self, size, step, mel=None):
        super().__init__()
        self.size, self.step = size, step
        self.register_buffer("window", torch.hann_window(size))
        self.register_buffer("mel", torch.rand(size // 2 + 1, mel) / size if mel else None)

    def forward(self, x):
        spectrum = torch.stft(x[:, 0], self.size, self.step, window=self.window, center=False, return_complex=True)
        power = torch.view_as_real(spectrum).pow(2).sum(-1)
        bands = power if self.mel is None else (power.transpose(1, 2) @ self.mel).transpose(1, 2)
        return torch.log(bands + 1e-3)


@network("mel-cnn", "sound", "PyTorch, by hand: log mel spectrogram in the graph, convolutions", WAVE, "dynamo", 18)
def mel_cnn():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.front = Spectrogram(64, 32, 16)
            self.net = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3, 1, 1), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Conv2d(8, 8, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 4))

        def forward(self, x):
            return self.net(self.front(x)[:, None])
    return Net()


@network("crnn", "sound", "PyTorch, by hand: spectrogram in the graph, convolutions, GRU", WAVE, "dynamo", 18)
def crnn():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.front = Spectrogram(64, 32)
            self.conv = torch.nn.Conv1d(33, 12, 3, padding=1)
            self.gru = torch.nn.GRU(12, 8, batch_first=True)
            self.head = torch.nn.Linear(8, 4)

        def forward(self, x):
            states, _ = self.gru(torch.tanh(self.conv(self.front(x))).transpose(1, 2))
            return self.head(states[:, -1])
    return Net()


@network("conformer", "sound", "PyTorch, by hand: conformer block", (2, 16, 12), "dynamo", 18)
def conformer():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            size = 12
            feed = lambda: torch.nn.Sequential(torch.nn.LayerNorm(size), torch.nn.Linear(size, 24), torch.nn.SiLU(), torch.nn.Linear(24, size))
            self.first, self.last = feed(), feed()
            self.norm = torch.nn.LayerNorm(size)
            self.attention = torch.nn.MultiheadAttention(size, 2, batch_first=True)
            self.conv = torch.nn.Sequential(torch.nn.Conv1d(size, 2 * size, 1), torch.nn.GLU(1), torch.nn.Conv1d(size, size, 5, padding=2, groups=size), torch.nn.BatchNorm1d(size), torch.nn.SiLU(), torch.nn.Conv1d(size, size, 1))
            self.head = torch.nn.Linear(size, 4)

        def forward(self, x):
            x = x + self.first(x) / 2
            n = self.norm(x)
            x = x + self.attention(n, n, n, need_weights=False)[0]
            x = x + self.conv(x.transpose(1, 2)).transpose(1, 2)
            return self.head((x + self.last(x) / 2).mean(1))
    return Net()


@network("sincnet", "sound", "PyTorch, by hand: filters made of sines", WAVE, "torchscript", 17)
def sincnet():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.low = torch.nn.Parameter(torch.rand(8, 1) * 0.2)
            self.band = torch.nn.Parameter(torch.rand(8, 1) * 0.2)
            self.register_buffer("t", (torch.arange(32) - 15.5)[None])
            self.net = torch.nn.Sequential(torch.nn.LeakyReLU(0.2), torch.nn.AvgPool1d(4), torch.nn.Conv1d(8, 8, 5), torch.nn.Softplus(), torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(8, 4))

        def forward(self, x):
            low, high = self.low.abs(), self.low.abs() + self.band.abs()
            t = 2 * torch.pi * self.t
            filters = (torch.sin(high * t) - torch.sin(low * t)) / t
            return self.net(torch.nn.functional.conv1d(x, filters[:, None], stride=2))
    return Net()


if __name__ == "__main__":
    main()
