"""A pipeline folder of random weights, small enough for tests: Wan 2.2 as its 5B is laid out.

It makes videos from words and from an image, and is loaded by the same code as a real one.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    AutoencoderKLLTXVideo,
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
    LTXPipeline,
    LTXVideoTransformer3DModel,
    WanPipeline,
    WanTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder
from peft import LoraConfig, get_peft_model_state_dict
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    PreTrainedTokenizerFast,
    UMT5Config,
    UMT5EncoderModel,
)

torch.set_num_threads(1)  # more of them only wait for each other on so little

WORDS = ("<pad>", "</s>", "<unk>", "sea", "stars", "snow")


def save_tiny_wan(folder: Path) -> Path:
    """Write it to ``folder``; sides are multiples of 16, lengths ``4 k + 1``."""
    torch.manual_seed(0)
    pipeline = WanPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_text_encoder(),
        vae=AutoencoderKLWan(
            base_dim=3,
            z_dim=16,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        transformer=WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=16,
            out_channels=16,
            text_dim=32,
            freq_dim=32,
            ffn_dim=32,
            num_layers=2,
            rope_max_seq_len=32,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        expand_timesteps=True,
    )
    pipeline.save_pretrained(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    words = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=512,
    )


def _text_encoder() -> UMT5EncoderModel:
    return UMT5EncoderModel(
        UMT5Config(vocab_size=len(WORDS), d_model=32, d_kv=8, d_ff=32, num_layers=2, num_heads=4)
    )


def save_tiny_ltx(folder: Path) -> Path:
    """The same of LTX; its sides are multiples of 32, its lengths ``4 k + 1``."""
    torch.manual_seed(0)
    blocks = (8, 8, 8, 8)
    scaling = (True, True, False, False)
    pipeline = LTXPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_text_encoder(),
        vae=AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=blocks,
            decoder_block_out_channels=blocks,
            layers_per_block=(1,) * 5,
            decoder_layers_per_block=(1,) * 5,
            spatio_temporal_scaling=scaling,
            decoder_spatio_temporal_scaling=scaling,
            decoder_inject_noise=(False,) * 5,
            upsample_residual=(False,) * 4,
            upsample_factor=(1,) * 4,
            patch_size=1,
            patch_size_t=1,
        ),
        transformer=LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=4,
            attention_head_dim=8,
            cross_attention_dim=32,
            num_layers=2,
            caption_channels=32,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )
    pipeline.save_pretrained(folder)
    return folder


def save_tiny_ltx2(folder: Path) -> Path:
    """The same of LTX 2, which makes sound beside the frames: 16,000 samples a second, stereo."""
    torch.manual_seed(0)
    pipeline = LTX2Pipeline(
        tokenizer=_tokenizer(),
        text_encoder=_gemma(),
        connectors=_connectors(),
        transformer=_transformer_with_sound(),
        vae=_video_decoder(),
        audio_vae=_sound_decoder(),
        vocoder=LTX2Vocoder(
            in_channels=16,
            hidden_channels=32,
            out_channels=2,
            upsample_kernel_sizes=[32, 20],
            upsample_factors=[16, 10],
            resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]],
            output_sampling_rate=16_000,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )
    pipeline.save_pretrained(folder)
    return folder


def _gemma() -> Gemma3ForConditionalGeneration:
    text = {
        "vocab_size": 16,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 8,
    }
    vision = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "image_size": 16,
        "patch_size": 8,
    }
    tokens = {"boi_token_index": 6, "eoi_token_index": 7, "image_token_index": 8}
    return Gemma3ForConditionalGeneration(
        Gemma3Config(text_config=text, vision_config=vision, mm_tokens_per_image=4, **tokens)
    )


def _connectors() -> LTX2TextConnectors:
    shared = {
        "attention_head_dim": 4,
        "num_attention_heads": 4,
        "num_layers": 1,
        "num_learnable_registers": None,
    }
    return LTX2TextConnectors(
        caption_channels=16,
        text_proj_in_factor=2,
        **{f"video_connector_{name}": value for name, value in shared.items()},
        **{f"audio_connector_{name}": value for name, value in shared.items()},
        connector_rope_base_seq_len=32,
        causal_temporal_positioning=False,
    )


def _transformer_with_sound() -> LTX2VideoTransformer3DModel:
    return LTX2VideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        audio_in_channels=4,
        audio_out_channels=4,
        audio_num_attention_heads=2,
        audio_attention_head_dim=4,
        audio_cross_attention_dim=8,
        num_layers=1,
        caption_channels=16,
    )


def _video_decoder() -> AutoencoderKLLTX2Video:
    return AutoencoderKLLTX2Video(
        latent_channels=4,
        block_out_channels=(8,),
        decoder_block_out_channels=(8,),
        layers_per_block=(1,),
        decoder_layers_per_block=(1, 1),
        spatio_temporal_scaling=(True,),
        decoder_spatio_temporal_scaling=(True,),
        decoder_inject_noise=(False, False),
        downsample_type=("spatial",),
        upsample_type=("spatiotemporal",),
        upsample_residual=(False,),
        upsample_factor=(1,),
        patch_size=1,
        patch_size_t=1,
    )


def _sound_decoder() -> AutoencoderKLLTX2Audio:
    return AutoencoderKLLTX2Audio(
        base_channels=4,
        output_channels=2,
        ch_mult=(1,),
        num_res_blocks=1,
        in_channels=2,
        resolution=32,
        latent_channels=2,
        mel_bins=8,
        sample_rate=16_000,
        mel_hop_length=160,
    )


def save_tiny_lora(folder: Path, path: Path) -> Path:
    """Write a LoRA for a tiny Wan: strong, so that its video differs."""
    torch.manual_seed(1)
    transformer = WanTransformer3DModel.from_pretrained(folder, subfolder="transformer")
    transformer.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_v"], lora_alpha=2))
    layers = {
        name: torch.randn_like(value)
        for name, value in get_peft_model_state_dict(transformer).items()
    }
    WanPipeline.save_lora_weights(
        path.parent, transformer_lora_layers=layers, weight_name=path.name
    )
    return path


def save_tiny_gguf(folder: Path, path: Path) -> Path:
    """Write another transformer of a tiny Wan, with 8 bits per weight where rows allow it."""
    torch.manual_seed(2)
    config = WanTransformer3DModel.load_config(folder, subfolder="transformer")
    transformer = WanTransformer3DModel.from_config(config)
    writer = gguf.GGUFWriter(path, "wan")
    q8 = gguf.GGMLQuantizationType.Q8_0
    for name, tensor in transformer.state_dict().items():
        array = tensor.float().numpy()
        if array.ndim == 2 and array.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quantize(array, q8), raw_dtype=q8)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
