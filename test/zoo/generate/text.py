"""Text: transformers, most of them from embeddings on, some from tokens, where the embeddings are attacked."""

import torch
import transformers as hf

from zoo import Logits, main, network

EMBEDDED = (2, 8, 16)
SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}
DECODER = {**SMALL, "num_key_value_heads": 1, "pad_token_id": 0, "max_position_embeddings": 32}
BERT = {**SMALL, "max_position_embeddings": 32}


def text_network(name, architecture, config, exporter="dynamo", opset=18, shape=EMBEDDED, **extra):
    @network(name, "text", f"transformers {architecture}", shape, exporter, opset, scale=2.0)
    def make():
        settings = getattr(hf, config[0])(num_labels=3, attn_implementation="eager", **config[1])
        return Logits(getattr(hf, architecture)(settings), "inputs_embeds")


text_network("bert", "BertForSequenceClassification", ("BertConfig", BERT))
text_network("roberta", "RobertaForSequenceClassification", ("RobertaConfig", BERT), "torchscript", 17)
text_network("distilbert", "DistilBertForSequenceClassification", ("DistilBertConfig", {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32, "vocab_size": 50, "max_position_embeddings": 32}), "torchscript", 14)
text_network("albert", "AlbertForSequenceClassification", ("AlbertConfig", {**BERT, "embedding_size": 16}), "torchscript", 17)
text_network("electra", "ElectraForSequenceClassification", ("ElectraConfig", {**BERT, "embedding_size": 16}))
text_network("mobilebert", "MobileBertForSequenceClassification", ("MobileBertConfig", {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "intra_bottleneck_size": 8, "embedding_size": 16, "trigram_input": False, "vocab_size": 50, "max_position_embeddings": 32}), "torchscript", 17)
text_network("fnet", "FNetForSequenceClassification", ("FNetConfig", {"hidden_size": 16, "num_hidden_layers": 1, "intermediate_size": 32, "vocab_size": 50, "max_position_embeddings": 32}), "dynamo", 20)
text_network("squeezebert", "SqueezeBertForSequenceClassification", ("SqueezeBertConfig", {**BERT, "embedding_size": 16, "q_groups": 2, "k_groups": 2, "v_groups": 2, "post_attention_groups": 1, "intermediate_groups": 2, "output_groups": 2}), "torchscript", 17)
text_network("mpnet", "MPNetForSequenceClassification", ("MPNetConfig", BERT), "torchscript", 17)
text_network("deberta-v2", "DebertaV2ForSequenceClassification", ("DebertaV2Config", {**BERT, "relative_attention": True, "position_buckets": 4, "max_relative_positions": 8, "pos_att_type": ["p2c", "c2p"], "norm_rel_ebd": "layer_norm", "share_att_key": True}), "torchscript", 17)
text_network("modernbert", "ModernBertForSequenceClassification", ("ModernBertConfig", {**BERT, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}), "torchscript", 17)
text_network("nystromformer", "NystromformerForSequenceClassification", ("NystromformerConfig", {**BERT, "num_landmarks": 8, "segment_means_seq_len": 8}), "torchscript", 17)
text_network("gpt2", "GPT2ForSequenceClassification", ("GPT2Config", {"n_embd": 16, "n_layer": 1, "n_head": 2, "vocab_size": 50, "n_positions": 32, "pad_token_id": 0}), "torchscript", 17)
text_network("opt", "OPTForSequenceClassification", ("OPTConfig", {"hidden_size": 16, "word_embed_proj_dim": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "ffn_dim": 32, "vocab_size": 50, "max_position_embeddings": 32}), "torchscript", 17)
text_network("gpt-neox", "GPTNeoXForSequenceClassification", ("GPTNeoXConfig", {**BERT, "pad_token_id": 0}), "torchscript", 17)
text_network("bloom", "BloomForSequenceClassification", ("BloomConfig", {"hidden_size": 16, "n_layer": 1, "n_head": 2, "vocab_size": 50, "pad_token_id": 0}), "torchscript", 17)
text_network("llama", "LlamaForSequenceClassification", ("LlamaConfig", DECODER), "torchscript", 17)
text_network("llama-dynamo", "LlamaForSequenceClassification", ("LlamaConfig", DECODER), "dynamo", 23)
text_network("mistral", "MistralForSequenceClassification", ("MistralConfig", {**DECODER, "sliding_window": 4}), "torchscript", 17)
text_network("qwen2", "Qwen2ForSequenceClassification", ("Qwen2Config", DECODER), "torchscript", 17)
text_network("gemma", "GemmaForSequenceClassification", ("GemmaConfig", {**DECODER, "head_dim": 8}), "torchscript", 17)
text_network("mixtral", "MixtralForSequenceClassification", ("MixtralConfig", {**DECODER, "num_local_experts": 2, "experts_implementation": "eager"}), "torchscript", 17)
text_network("xlnet", "XLNetForSequenceClassification", ("XLNetConfig", {"d_model": 16, "n_layer": 1, "n_head": 2, "d_inner": 32, "vocab_size": 50}), "torchscript", 17)


class Last(torch.nn.Module):
    """A decoder's logits at the last place."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(inputs_embeds=x, use_cache=False).logits[:, -1]


@network("mamba", "text", "transformers MambaForCausalLM", EMBEDDED, "torchscript", 17, scale=2.0)
def mamba():
    return Last(hf.MambaForCausalLM(hf.MambaConfig(hidden_size=16, state_size=4, num_hidden_layers=1, vocab_size=10, expand=1, time_step_rank=2, use_cache=False)))


@network("t5", "text", "transformers T5EncoderModel", EMBEDDED, "torchscript", 17, scale=2.0)
def t5():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            settings = hf.T5Config(d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, vocab_size=50)
            self.encoder, self.head = hf.T5EncoderModel(settings), torch.nn.Linear(16, 3)

        def forward(self, x):
            return self.head(self.encoder(inputs_embeds=x).last_hidden_state.mean(1))
    return Net()


@network("text-cnn", "text", "PyTorch, by hand: Kim's convolutions over words", EMBEDDED, "torchscript", 11, scale=2.0)
def text_cnn():
    class TextCnn(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.convs = torch.nn.ModuleList([torch.nn.Conv1d(16, 8, size) for size in (2, 3, 4)])
            self.head = torch.nn.Linear(24, 3)

        def forward(self, x):
            parts = [torch.relu(conv(x.transpose(1, 2))).amax(2) for conv in self.convs]
            return self.head(torch.cat(parts, 1))
    return TextCnn()


@network("lstm-attention", "text", "PyTorch, by hand: bidirectional LSTM, attention", EMBEDDED, "torchscript", 14, scale=2.0)
def lstm_attention():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(16, 12, batch_first=True, bidirectional=True)
            self.score, self.head = torch.nn.Linear(24, 1), torch.nn.Linear(24, 3)

        def forward(self, x):
            states, _ = self.lstm(x)
            return self.head((torch.softmax(self.score(states), 1) * states).sum(1))
    return Net()


@network("encoder", "text", "PyTorch TransformerEncoder, norm first", EMBEDDED, "dynamo", 18, scale=2.0)
def encoder():
    layer = torch.nn.TransformerEncoderLayer(16, 2, 32, activation="gelu", batch_first=True, norm_first=True)
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
            self.head = torch.nn.Linear(16, 3)

        def forward(self, x):
            return self.head(self.encoder(x).mean(1))
    return Net()


if __name__ == "__main__":
    main()
