namespace Splade.Training.Data;

/// <summary>Training data that can't be used; the message names file and line and says what is expected.</summary>
internal sealed class TrainingDataException(string message, Exception? inner = null) : Exception(message, inner);
