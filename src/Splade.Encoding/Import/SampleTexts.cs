namespace Splade.Encoding.Import;

/// <summary>Texts that an import tries a model on: short and long, of several subjects and languages.</summary>
internal static class SampleTexts
{
    public static readonly string[] All =
    [
        "The heart pumps blood through the arteries to all parts of the body, and the veins bring it back.",
        "A central bank raises its interest rate to keep inflation low; loans become dearer and people spend less.",
        "Glaciers carved these valleys during the last ice age, when the sea stood more than a hundred metres lower than today.",
        "how do plants make sugar from sunlight",
        "To change a bicycle tyre, open the brake, take out the wheel, and lever one side of the tyre over the rim.",
        "The treaty was signed in 1648 and ended a war that had lasted thirty years and cost millions of lives.",
        "Exception in thread \"main\": index 5 out of bounds for length 5. Check the loop's upper limit.",
        "Bread needs flour, water, salt and time. Yeast makes the dough rise, and a hot oven gives it its crust.",
        "Der Zug nach Berlin hat heute dreißig Minuten Verspätung, weil eine Weiche gestört ist.",
        "La capitale de l'Australie n'est pas Sydney mais Canberra, une ville construite au vingtième siècle.",
        "Вода кипит при более низкой температуре высоко в горах, потому что давление воздуха там меньше.",
        "富士山は日本で最も高い山で、その高さは三千七百七十六メートルです。",
    ];
}
