using System.Buffers.Binary;

namespace Splade.Tests;

/// <summary>Damages files for fuzz tests: the same seed does the same damage.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly uint[] Extremes = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];
    private readonly Random _random = new(seed);

    /// <summary>A copy with 1 to 4 injuries inside [start, end): flipped bits, bytes, 32-bit extremes and small steps, copied and zeroed stretches.</summary>
    public byte[] Damage(byte[] good, int start, int end)
    {
        var bytes = good.ToArray();
        for (var injuries = _random.Next(1, 5); injuries > 0; injuries--)
        {
            var position = _random.Next(start, end);
            var room = Math.Min(end - position, 64);
            switch (_random.Next(6))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)_random.Next(256);
                    break;
                case 2 when room >= 4:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(position), Extremes[_random.Next(Extremes.Length)]);
                    break;
                case 3 when room >= 4:
                    var number = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(position));
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(position), number + (uint)_random.Next(-3, 4));
                    break;
                case 4:
                    bytes.AsSpan(_random.Next(start, end - room + 1), room).ToArray().CopyTo(bytes.AsSpan(position));
                    break;
                default:
                    bytes.AsSpan(position, _random.Next(room + 1)).Clear();
                    break;
            }
        }

        return bytes;
    }

    /// <summary>The same, or cut, or with a stretch removed or doubled.</summary>
    public byte[] DamageOrResize(byte[] good)
    {
        var position = _random.Next(good.Length);
        return _random.Next(8) switch
        {
            0 => good[..position],
            1 => [.. good[..position], .. good[Math.Min(good.Length, position + 1 + _random.Next(16))..]],
            2 => [.. good[..position], .. good[position..Math.Min(good.Length, position + 32)], .. good[position..]],
            _ => Damage(good, 0, good.Length),
        };
    }
}
